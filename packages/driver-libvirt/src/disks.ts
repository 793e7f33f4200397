import {
  DriverError,
  sameVolume,
  type CallOptions,
  type Disk,
  type DiskId,
  type DiskSpec,
  type Disks,
  type MachineId,
} from '@virt-drivers/core';
import { afterChange } from './after-change.js';
import { deadlineIn } from '@virt-drivers/core/kit';
import {
  DomainDeviceModifyFlags,
  domainAttachDeviceFlags,
  domainDetachDeviceFlags,
  domainSetBlockIoTune,
  domainUpdateDeviceFlags,
} from '@virt-drivers/libvirt';
import { diskTree, limitsTree, readDisk, type NativeDisk } from './convert/disk-xml.js';
import { diskElements, readDisks } from './convert/machine-xml.js';
import { append, child, remove, serialize, toXml, type Element } from './convert/xml.js';
import { busOf, createDiskPlanner, refuseTooManyDisks } from './disk-planning.js';
import { devicesOf, editStored } from './domain-editing.js';
import { aboutMachine, type DomainView } from './domains.js';
import { waitForDomain } from './domain-waiting.js';
import { canonical } from './identity.js';
import type { LibvirtSession } from './session.js';
import { refuseWithoutSlot } from './slots.js';

const { Live, Config } = DomainDeviceModifyFlags;
const LETTING_GO = { seconds: 30 };

/** Disks of libvirt domains. */
export function createDisks(session: LibvirtSession): Required<Disks> {
  const { daemon, domains, locks } = session;
  const isActive = ({ machine }: DomainView): boolean => machine.state === 'running' || machine.state === 'paused';

  const diskNow = async (machine: MachineId, id: DiskId, options: CallOptions): Promise<Disk> => {
    const { disks } = (await afterChange(domains.view(machine, options))).machine;
    const disk = disks.find((candidate) => candidate.id === id);
    if (!disk) throw notFound(machine, id);
    return disk;
  };

  return {
    attach: (id, spec, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const known = equalDisk(view, spec);
        if (known) return known;
        refuseTooManyDisks(id, view.machine.disks.length + 1);
        const taken = readDisks(view.document).map(({ target }) => target);
        const plan = await createDiskPlanner(session, id, taken, options).plan(spec);
        if (isActive(view)) {
          if (plan.bus === 'paravirtual') refuseWithoutSlot(id, view.document);
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainAttachDeviceFlags(connection, view.domain, toXml(diskTree(plan)), Live | Config, call),
          );
        } else {
          await editStored(session, view.domain, options, (document) => append(devicesOf(document), diskTree(plan)));
        }
        return diskNow(id, plan.id, options);
      }),

    detach: (id, disk, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        if (isActive(view)) await detachLive(session, view, disk, options);
        await editStored(session, view.domain, options, (document) => {
          const stored = elementOf(document, disk);
          if (stored) remove(stored);
        });
      }),

    changeMedium: (id, disk, volume, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const { native } = diskOf(view, disk);
        if (native.device !== 'media') {
          throw new DriverError(
            'DISK.CONFLICT',
            `Disk ${disk} of machine ${id} is no media drive; detach it instead.`,
            { subject: disk },
          );
        }
        const planner = createDiskPlanner(session, id, [], options);
        const medium = await planner.plan({ device: 'media', bus: native.bus, ...(volume && { volume }) });
        const plan = { ...native, chain: medium.chain };
        if (isActive(view)) {
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainUpdateDeviceFlags(connection, view.domain, toXml(diskTree(plan)), Live | Config, call),
          );
        } else {
          await editStored(session, view.domain, options, (document) => {
            const old = diskOf({ document }, disk).element;
            append(devicesOf(document), diskTree(plan));
            remove(old);
          });
        }
        return diskNow(id, disk, options);
      }),

    setLimits: (id, disk, limits, options = {}) =>
      locks.run(id, options, async () => {
        const view = await domains.view(id, options);
        const { native } = diskOf(view, disk);
        if (isActive(view)) {
          const values = {
            total_bytes_sec: (limits.throughput ?? 0n) / 8n,
            total_iops_sec: BigInt(limits.operations ?? 0n),
          };
          await daemon.call(aboutMachine(id), options, (connection, call) =>
            domainSetBlockIoTune(connection, view.domain, native.target, values, Live | Config, call),
          );
        } else {
          await editStored(session, view.domain, options, (document) => {
            const { element } = diskOf({ document }, disk);
            const old = child(element, 'iotune');
            if (old) remove(old);
            const now = limitsTree(limits);
            if (now) append(element, now);
          });
        }
        return diskNow(id, disk, options);
      }),
  };
}

/** The guest is asked to let go of a disk, and the stored machine keeps it until it has. */
async function detachLive(
  session: LibvirtSession,
  view: DomainView,
  disk: DiskId,
  options: CallOptions,
): Promise<void> {
  const element = elementOf(view.document, disk);
  if (!element) return;
  const { daemon, domains } = session;
  const { domain } = view;
  const deadline = options.deadline ?? deadlineIn(LETTING_GO);
  const last = deadline.getTime() - ANSWER_MILLISECONDS;
  const gone = async (): Promise<boolean> => !elementOf(await domains.document(domain, { ...options, deadline }), disk);
  const ask = (): Promise<void> =>
    daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
      domainDetachDeviceFlags(connection, domain, serialize(element), Live, call),
    );
  // A guest that is still booting does not hear the first request, so it is asked again. QEMU refuses a request
  // while it still waits for the one before: that says nothing new.
  const askAgain = (): Promise<void> => ask().catch(() => undefined);
  for (let asks = 0; ; asks += 1) {
    const until = new Date(Math.min(last, Date.now() + ASK_AGAIN_MILLISECONDS));
    if (await waitForDomain(session.events, domain, { ...options, deadline: until }, gone, asks === 0 ? ask : askAgain))
      return;
    if (until.getTime() === last) break;
  }
  const message = `Disk ${disk} of machine ${domain.uuid} is still held by the guest. Unmount it in the guest, or stop the machine.`;
  throw new DriverError('DISK.DETACH_REFUSED', message, { subject: disk });
}

const ASK_AGAIN_MILLISECONDS = 6_000;
const ANSWER_MILLISECONDS = 200;

/** Errors: `DISK.CONFLICT` when the volume is attached in another way. */
function equalDisk({ machine }: DomainView, spec: DiskSpec): Disk | undefined {
  const { volume } = spec;
  const known = volume && machine.disks.find((disk) => disk.volume && sameVolume(disk.volume, volume));
  if (!known) return undefined;
  const device = spec.device ?? 'disk';
  const wanted = {
    device,
    bus: busOf(spec),
    readOnly: device === 'media' || spec.readOnly === true,
    serial: spec.serial,
    shared: spec.shared === true,
    limits: spec.limits,
  };
  const { bus, readOnly, serial, shared, limits } = known;
  if (canonical(wanted) === canonical({ device: known.device, bus, readOnly, serial, shared, limits })) return known;
  const message = `Volume ${volume.key} is attached to machine ${machine.id} in another way, as disk ${known.id}. Detach that first.`;
  throw new DriverError('DISK.CONFLICT', message, { subject: known.id });
}

const elementOf = (document: Element, id: DiskId): Element | undefined =>
  diskElements(document).find((element) => readDisk(element).id === id);

function diskOf(
  { document }: Pick<DomainView, 'document'>,
  id: DiskId,
): { readonly element: Element; readonly native: NativeDisk } {
  const element = elementOf(document, id);
  if (element) return { element, native: readDisk(element) };
  throw new DriverError('DISK.NOT_FOUND', `Disk ${id} is not there; machines.get tells the disks of a machine.`, {
    subject: id,
  });
}

const notFound = (machine: string, id: DiskId): DriverError =>
  new DriverError('DISK.NOT_FOUND', `Machine ${machine} has no disk ${id}; somebody else detached it.`, {
    subject: id,
  });
