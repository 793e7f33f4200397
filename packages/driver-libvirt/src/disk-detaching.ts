import { DriverError, type CallOptions, type DiskId, type MachineId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { DomainDeviceModifyFlags, domainDetachDeviceFlags } from '@virt-drivers/libvirt';
import { readUnits } from './convert/host-unit.js';
import { remoteSourceOf } from './convert/remote-source.js';
import { remove, serialize } from './convert/xml.js';
import { diskElementOf } from './disk-element.js';
import { editStored } from './domain-editing.js';
import { waitForDomain } from './domain-waiting.js';
import { aboutMachine, isActive, type DomainView } from './domains.js';
import { letGoUnused } from './remote-volumes/letting-go.js';
import type { LibvirtSession } from './session.js';
import { unmapUnused } from './storage/powerflex-mapping.js';

const { Live } = DomainDeviceModifyFlags;
const LETTING_GO = { seconds: 30 };

/**
 * Detaches a disk of any kind, also one that is not there; the caller holds the machine's lock.
 * Errors: `MACHINE.NOT_FOUND`, `DISK.DETACH_REFUSED`.
 */
export async function detachDisk(
  session: LibvirtSession,
  id: MachineId,
  disk: DiskId,
  options: CallOptions,
): Promise<void> {
  const view = await session.domains.view(id, options);
  const volume = view.machine.disks.find((candidate) => candidate.id === disk)?.volume;
  if (isActive(view)) await detachLive(session, view, disk, options);
  let keptSecret = false;
  await editStored(session, view.domain, options, (document) => {
    const stored = diskElementOf(document, disk);
    if (!stored) return;
    keptSecret = remoteSourceOf(stored)?.auth !== undefined;
    remove(stored);
  });
  if (volume) await unmapUnused(session, volume, options);
  const mayHaveLogin = session.options.hostInitiator !== undefined || readUnits(view.document).length > 0;
  if (keptSecret || mayHaveLogin) await letGoUnused(session, id, options);
}

/** The guest is asked to let go of a disk, and the stored machine keeps it until it has. */
async function detachLive(
  session: LibvirtSession,
  view: DomainView,
  disk: DiskId,
  options: CallOptions,
): Promise<void> {
  const element = diskElementOf(view.document, disk);
  if (!element) return;
  const { daemon, domains } = session;
  const { domain } = view;
  const deadline = options.deadline ?? deadlineIn(LETTING_GO);
  const last = deadline.getTime() - ANSWER_MILLISECONDS;
  const gone = async (): Promise<boolean> =>
    !diskElementOf(await domains.document(domain, { ...options, deadline }), disk);
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
