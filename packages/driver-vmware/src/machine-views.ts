import { DriverError, isDriverError, type CallOptions, type Machine, type MachineId } from '@virt-drivers/core';
import type { AnyVirtualDevice, PropertyValues, Reference, VirtualMachineSnapshotInfo } from '@virt-drivers/vsphere';
import type { CallKind, Center, NativeCall } from './connection.js';
import { readExtraConfig } from './convert/extra-config.js';
import { toMachine, type NativeMachine } from './convert/machine.js';
import type { About } from './errors.js';
import { isUuid } from './identity.js';
import type { Inventory } from './inventory.js';
import { listingSources } from './listing-sources.js';

/** A machine with what its description was read from. */
export interface MachineView {
  readonly ref: Reference<'VirtualMachine'>;
  readonly machine: Machine;
  readonly name: string;
  readonly devices: readonly AnyVirtualDevice[];
  readonly settings: ReadonlyMap<string, string>;
  readonly hasSnapshots: boolean;
  /** The tree of its snapshots; absent where it has none. */
  readonly snapshots?: VirtualMachineSnapshotInfo;
  /** Changes with every change of the configuration. */
  readonly changeVersion: string;
  /** `[datastore] folder/file.vmx`. */
  readonly configFile: string;
}

/** Machines as the server describes them. */
export interface MachineViews {
  /** The object of this machine. Errors: `MACHINE.NOT_FOUND`. */
  ref(id: MachineId, options: CallOptions): Promise<Reference<'VirtualMachine'>>;
  /** Calls with the machine's object; one that was registered anew meanwhile is looked up again. Errors: `MACHINE.NOT_FOUND`. */
  call<T>(
    id: MachineId,
    kind: Omit<CallKind, 'what'>,
    options: CallOptions,
    run: (ref: Reference<'VirtualMachine'>, ...rest: Parameters<NativeCall<T>>) => Promise<T>,
  ): Promise<T>;
  /** One machine. Errors: `MACHINE.NOT_FOUND`. */
  view(id: MachineId, options: CallOptions): Promise<MachineView>;
  /** All machines, or those given; one whose configuration cannot be read is an error, one that is gone is left out. */
  all(options: CallOptions, among?: readonly Reference<'VirtualMachine'>[]): AsyncGenerator<MachineView | DriverError>;
}

export const aboutMachine = (id: string): About => ({
  what: `Machine ${id}`,
  subject: id,
  notFound: 'MACHINE.NOT_FOUND',
});

const notFound = (id: string): DriverError =>
  new DriverError('MACHINE.NOT_FOUND', `Machine ${id} is not there.`, { subject: id });

const PATHS = [
  'name',
  'runtime.powerState',
  'runtime.connectionState',
  'runtime.host',
  'config.instanceUuid',
  'config.uuid',
  'config.template',
  'config.annotation',
  'config.createDate',
  'config.changeVersion',
  'config.hardware',
  'config.cpuAllocation',
  'config.extraConfig',
  'config.firmware',
  'config.bootOptions',
  'config.files',
  'snapshot',
] as const;
type Values = PropertyValues<'VirtualMachine', (typeof PATHS)[number]>;

export function createMachineViews(center: Center, inventory: Inventory): MachineViews {
  const refs = new Map<MachineId, Reference<'VirtualMachine'>>();

  /** Where machines are looked for: everywhere, or in the datacenter of the target. */
  const searched = async (options: CallOptions): Promise<readonly (Reference<'Datacenter'> | undefined)[]> =>
    inventory.only === undefined ? [undefined] : (await inventory.datacenters(options)).map(({ ref }) => ref);

  const find = async (id: MachineId, options: CallOptions): Promise<Reference<'VirtualMachine'>> => {
    const { searchIndex } = center.content;
    if (!isUuid(id) || !searchIndex) throw notFound(id);
    for (const datacenter of await searched(options)) {
      // vCenter gives no two machines one instance uuid, unlike BIOS uuids.
      const request = { uuid: id, vmSearch: true, instanceUuid: true, ...(datacenter && { datacenter }) };
      const found = await center.call({ ...aboutMachine(id), reads: true }, options, (vsphere, call) =>
        vsphere.invoke(searchIndex, 'FindByUuid', request, call),
      );
      if (!found) continue;
      const ref = { type: 'VirtualMachine', value: found.value } as const;
      refs.set(id, ref);
      return ref;
    }
    throw notFound(id);
  };

  const lookUp: MachineViews['ref'] = async (id, options) => refs.get(id) ?? find(id, options);

  const withRef: MachineViews['call'] = async (id, kind, options, run) => {
    const about = { ...aboutMachine(id), ...kind };
    const attempt = (ref: Reference<'VirtualMachine'>) =>
      center.call(about, options, (vsphere, call) => run(ref, vsphere, call));
    const known = refs.get(id);
    if (!known) return attempt(await find(id, options));
    try {
      return await attempt(known);
    } catch (error) {
      if (!isDriverError(error, 'MACHINE.NOT_FOUND')) throw error;
      refs.delete(id);
      return attempt(await find(id, options));
    }
  };

  const toView = async (
    ref: Reference<'VirtualMachine'>,
    values: Values,
    options: CallOptions,
  ): Promise<MachineView | undefined> => {
    const native = nativeMachine(values);
    if (!native) return undefined;
    const machine = toMachine(native, { locate: await inventory.locator(options) });
    return {
      ref,
      machine,
      name: native.name,
      devices: native.config.hardware.device ?? [],
      settings: readExtraConfig(native.config.extraConfig),
      hasSnapshots: (values.snapshot?.rootSnapshotList.length ?? 0) > 0,
      ...(values.snapshot && { snapshots: values.snapshot }),
      changeVersion: values['config.changeVersion'] ?? '',
      configFile: values['config.files']?.vmPathName ?? '',
    };
  };

  return {
    ref: lookUp,
    call: withRef,
    async view(id, options) {
      const { ref, values } = await withRef(id, { reads: true }, options, async (found, vsphere, call) => {
        // Templates are no machines.
        for await (const { properties } of vsphere.properties.retrieve(
          { from: [found], type: 'VirtualMachine', paths: PATHS },
          call,
        ))
          if (!properties['config.template']) return { ref: found, values: properties };
        throw notFound(id);
      });
      const view = await toView(ref, values, options);
      if (view) return view;
      throw unreadable(id);
    },
    async *all(options, among) {
      for (const from of among ? [among] : await listingSources(center, inventory, options)) {
        const reading = center.stream({ what: 'Machines', reads: true }, options, (vsphere, call) =>
          vsphere.properties.retrieve({ from, type: 'VirtualMachine', paths: PATHS }, call),
        );
        for await (const { ref, properties } of reading) {
          if (properties['config.template']) continue;
          const view = await toView(ref, properties, options);
          if (view) refs.set(view.machine.id, ref);
          yield view ?? unreadable(ref.value);
        }
      }
    },
  };
}

const unreadable = (id: string): DriverError =>
  new DriverError(
    'ACCESS.DENIED',
    `Machine ${id} has a configuration that cannot be read: it is being made, its host is away, or the account lacks System.Read.`,
    { subject: id },
  );

/** The parts of a description together; undefined when the server gave none of the configuration. */
function nativeMachine(values: Values): NativeMachine | undefined {
  const { name, 'config.hardware': hardware, 'config.uuid': uuid, 'runtime.powerState': powerState } = values;
  if (name === undefined || !hardware || uuid === undefined || powerState === undefined) return undefined;
  return {
    name,
    config: {
      uuid,
      hardware,
      instanceUuid: values['config.instanceUuid'],
      annotation: values['config.annotation'],
      createDate: values['config.createDate'],
      cpuAllocation: values['config.cpuAllocation'],
      extraConfig: values['config.extraConfig'],
      firmware: values['config.firmware'],
      bootOptions: values['config.bootOptions'],
    },
    runtime: {
      powerState,
      connectionState: values['runtime.connectionState'] ?? 'connected',
      host: values['runtime.host'],
    },
  };
}
