import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type Machine,
  type MachineId,
  type MachineSpec,
} from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import type { VirtualDeviceConfigSpec } from '@virt-drivers/vsphere';
import { randomUUID } from 'node:crypto';
import { toOptionValues } from '../convert/extra-config.js';
import { guestIdOf, machineConfig } from '../convert/machine-spec.js';
import { nativeName } from '../convert/native-name.js';
import { newNicDevice } from '../convert/nic-device.js';
import { readNote, type Note } from '../convert/note.js';
import { planDisks } from '../disk-planning.js';
import { checkExtensions } from '../extensions.js';
import { ownerUuid, specHash, tokenUuid } from '../identity.js';
import { aboutMachine } from '../machine-views.js';
import { findNetwork } from '../networks.js';
import { refuseAbsent } from '../nic-limits.js';
import { choosePlacement, type Placement } from '../placement.js';
import { reconfigure } from '../reconfigure.js';
import { keepGroup, refuseGroup } from '../server-groups.js';
import type { VmwareSession } from '../session.js';
import { bootOrder } from './boot-order.js';
import { removeMachine } from './deletion.js';
import { newNote, newSettings, noteSetting, refuseLargeRecord } from './settings.js';

/** Makes a machine. Everything is decided and checked first; what was made is taken back when a later step fails. */
export async function createMachine(session: VmwareSession, spec: MachineSpec, options: CallOptions): Promise<Machine> {
  refuseImpossible(spec);
  const lock = spec.clientToken === undefined ? randomUUID() : tokenUuid(spec.clientToken);
  return session.locks.run(`create/${lock}`, options, async () => {
    const earlier = await findEarlier(session, spec, options);
    if (earlier) return earlier;
    const uuid = await chooseUuid(session, spec, options);
    return withVolumes(session, spec, options, () =>
      session.serialPorts.with(spec, options, async (serial) => {
        const placement = await placementOf(session, spec, options);
        const { changes, settings } = await planDevices(session, spec, options);
        try {
          return await make(session, spec, uuid, placement, { changes: [...changes, ...serial], settings }, options);
        } catch (error) {
          // Another process may have been faster with the same token: its machine has the name that ours wanted.
          const faster = isDriverError(error, 'MACHINE.EXISTS') && (await findEarlier(session, spec, options));
          if (faster) return faster;
          throw error;
        }
      }),
    );
  });
}

/** One at a time for each volume, so that two machines cannot get it at once. */
async function withVolumes<T>(
  session: VmwareSession,
  { disks }: MachineSpec,
  options: CallOptions,
  run: () => Promise<T>,
): Promise<T> {
  const keys = disks.flatMap(({ volume }) => (volume ? [`${volume.pool}/${volume.key}`] : []));
  // In one order for all, so that nobody waits for somebody who waits for him.
  const [first, ...rest] = [...new Set(keys)].sort();
  if (first === undefined) return run();
  const wrap = (key: string, inner: () => Promise<T>) => () => session.locks.run(key, options, inner);
  return wrap(
    first,
    rest.reduceRight<() => Promise<T>>((inner, key) => wrap(key, inner), run),
  )();
}

/** Repeats find the machine by the uuid of its token, others by that of their owner if it is free. */
async function chooseUuid(session: VmwareSession, spec: MachineSpec, options: CallOptions): Promise<string> {
  if (spec.clientToken !== undefined) return tokenUuid(spec.clientToken);
  if (!spec.record) return randomUUID();
  const uuid = ownerUuid(spec.record.owner);
  try {
    await session.machines.ref(machineId(uuid), options);
    return randomUUID();
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return uuid;
    throw error;
  }
}

/** The machine that the same token made. Errors: `REQUEST.CONFLICT` when it was made from another spec. */
async function findEarlier(
  session: VmwareSession,
  spec: MachineSpec,
  options: CallOptions,
): Promise<Machine | undefined> {
  if (spec.clientToken === undefined) return undefined;
  const id = machineId(tokenUuid(spec.clientToken));
  try {
    const { machine, settings } = await session.machines.view(id, options);
    if (readNote(settings, id)?.specHash === specHash(spec)) return machine;
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return undefined;
    throw error;
  }
  const text = `Client token ${spec.clientToken} was used for machine ${id} with another spec. Use a new token for a new machine.`;
  throw new DriverError('REQUEST.CONFLICT', text, { subject: id });
}

function refuseImpossible({ name, cpu, record, extensions }: MachineSpec): void {
  checkExtensions(extensions);
  if (record) refuseLargeRecord(record);
  if ((cpu.topology?.threads ?? 1) === 1) return;
  const reason = 'Virtual processors of vSphere have one thread each.';
  throw new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine "${name}" cannot have ${cpu.topology?.threads} threads per core. ${reason}`,
    {
      condition: { needs: 'machine-type', value: 'threads: 1', reason },
    },
  );
}

async function placementOf(session: VmwareSession, spec: MachineSpec, options: CallOptions): Promise<Placement> {
  const pools = [...new Set(spec.disks.flatMap(({ volume }) => (volume ? [volume.pool] : [])))];
  const datastores = await Promise.all(
    pools.map((pool) =>
      session.inventory.datastore(pool, options).catch((error: unknown) => {
        if (!isDriverError(error, 'POOL.NOT_FOUND')) throw error;
        throw new DriverError('VOLUME.NOT_FOUND', `Volumes of pool ${pool} are not there: the pool is not.`, {
          cause: error,
        });
      }),
    ),
  );
  const { group } = checkExtensions(spec.extensions);
  const wish = { host: spec.host, datastores, memoryBytes: spec.memory.sizeBytes, scheduled: group !== undefined };
  const placement = await choosePlacement(session, wish, options);
  if (group) await refuseGroup(session, group, placement, options);
  return placement;
}

/** Devices of the machine, and the settings that belong to them. */
interface PlannedDevices {
  readonly changes: readonly VirtualDeviceConfigSpec[];
  readonly settings: ReadonlyMap<string, string>;
}

async function planDevices(session: VmwareSession, spec: MachineSpec, options: CallOptions): Promise<PlannedDevices> {
  for (const nic of spec.nics) refuseAbsent(nic);
  const { scsiAdapter } = checkExtensions(spec.extensions);
  const networks = await Promise.all(spec.nics.map(({ network }) => findNetwork(session.center, network, options)));
  const about = { devices: [], ...(scsiAdapter && { adapter: scsiAdapter }) };
  const disks = await planDisks(session, about, spec.disks, options);
  const nics = spec.nics.flatMap((nic, index) => {
    const network = networks[index];
    return network ? [{ operation: 'add' as const, device: newNicDevice(nic, network, index) }] : [];
  });
  return { changes: [...disks.changes, ...nics], settings: disks.settings };
}

async function make(
  session: VmwareSession,
  spec: MachineSpec,
  uuid: string,
  placement: Placement,
  devices: PlannedDevices,
  options: CallOptions,
): Promise<Machine> {
  const id = machineId(uuid);
  // Its files lie in a folder of the name that it is made with; the name that people see comes afterwards.
  const nameOfFiles = `vd-${uuid}`;
  const extensions = checkExtensions(spec.extensions);
  const note = newNote(spec, uuid, nativeName(spec.name, uuid), placement.cluster);
  const version = extensions.hardwareVersion ?? session.options.hardwareVersion;
  const config = machineConfig({
    uuid,
    nativeName: nameOfFiles,
    spec,
    configFile: `[${placement.home.name}]`,
    guestId: extensions.guestId ?? guestIdOf(spec),
    ...(version !== undefined && { hardwareVersion: version }),
    ...(placement.cpuMegahertz !== undefined && { cpuMegahertz: placement.cpuMegahertz }),
    settings: new Map([...newSettings(spec, note, extensions.extraConfig ?? {}), ...devices.settings]),
    devices: devices.changes,
  });
  const vmProfile = await session.policy.profiles(options);
  const kind = { ...aboutMachine(id), what: `New machine "${spec.name}"`, exists: 'MACHINE.EXISTS' } as const;
  return withUndo(async (undo) => {
    const { folder, pool, host } = placement;
    // Before the call: one whose answer is lost may have made the machine all the same.
    undo.push(`machine ${id}`, (own) => removeMachine(session, id, own, note.attempt));
    await session.runTask(kind, options, (vsphere, call) =>
      vsphere.invoke(
        folder,
        'CreateVM_Task',
        { config: { ...config, ...(vmProfile.length > 0 && { vmProfile }) }, pool, ...(host && { host }) },
        call,
      ),
    );
    await nameMachine(session, id, note, options);
    await orderBoot(session, id, spec, options);
    if (extensions.group) await keepGroup(session, extensions.group, options);
    return (await session.machines.view(id, options)).machine;
  });
}

/** Gives the machine the name that people see, with a suffix where another one in the folder has it. */
async function nameMachine(session: VmwareSession, id: MachineId, note: Note, options: CallOptions): Promise<void> {
  const ref = await session.machines.ref(id, options);
  const kind = { ...aboutMachine(id), exists: 'MACHINE.EXISTS' } as const;
  const rename = (now: Note): Promise<unknown> =>
    session.runTask(kind, options, (vsphere, call) => {
      const spec = { name: now.nativeName, extraConfig: toOptionValues([noteSetting(now)]) };
      return vsphere.invoke(ref, 'ReconfigVM_Task', { spec }, call);
    });
  try {
    await rename(note);
  } catch (error) {
    if (!isDriverError(error, 'MACHINE.EXISTS')) throw error;
    await rename({ ...note, nativeName: nativeName(note.name, id, true) });
  }
}

/** Devices have their keys only now. */
async function orderBoot(
  session: VmwareSession,
  id: MachineId,
  spec: MachineSpec,
  options: CallOptions,
): Promise<void> {
  const { order } = spec.boot;
  if (!order) return;
  const view = await session.machines.view(id, options);
  const bootOptions = { bootOrder: bootOrder(view.devices, order) };
  await reconfigure(session, view, { bootOptions }, options);
}
