import {
  DriverError,
  type CallOptions,
  type Disk,
  type DiskId,
  type MachineId,
  type RemoteConnection,
  type Task,
} from '@virt-drivers/core';
import { afterChange, createTask, withUndo } from '@virt-drivers/core/kit';
import { readDisk } from '../convert/disk-xml.js';
import { identityOf, readUnits } from '../convert/host-unit.js';
import type { LibvirtSession } from '../session.js';
import { newTaskId } from '../storage/making.js';
import { abandonCopy, beginCopy, mirrorOf, pivot, untilEqual, type CopyJob } from './copy-job.js';
import { letGoUnused } from './letting-go.js';
import { openingOf, type Opening } from './opening.js';
import { remoteOf } from './remote-disk.js';
import { refuseOtherUsers } from './users.js';

/** Copies a disk of a running machine onto another volume; when both are equal the guest goes on there. */
export async function swapRemote(
  session: LibvirtSession,
  id: MachineId,
  disk: DiskId,
  to: RemoteConnection,
  options: CallOptions,
): Promise<Task<Disk>> {
  const opening = openingOf(session, id, to);
  // What can be refused at once is refused here, before there is a task.
  await prepare(session, id, disk, opening, options);
  return createTask({
    id: newTaskId(),
    run: (report, signal) =>
      session.locks.run(id, { signal }, async () => {
        const job = await prepare(session, id, disk, opening, { signal });
        return withUndo(async (undo) => {
          undo.push(`login and secret of machine ${id}`, (own) => letGoUnused(session, id, own));
          const ways = await opening.open({ signal });
          undo.push(`copy of disk ${disk}`, (own) => abandonCopy(session, job, own));
          await beginCopy(session, job, ways, { signal });
          await untilEqual(session, job, report, { signal });
          await pivot(session, job);
          await afterChange(letGoUnused(session, id, {}));
          return remoteOf(await afterChange(session.domains.view(id, {})), disk).disk;
        });
      }),
  });
}

/** Everything that can be known beforehand, and a copy that a killed program left is given up. */
async function prepare(
  session: LibvirtSession,
  id: MachineId,
  disk: DiskId,
  { identity }: Opening,
  options: CallOptions,
): Promise<CopyJob> {
  const view = await session.domains.view(id, options);
  const { element, identity: from, disk: known } = remoteOf(view, disk);
  if (view.machine.state !== 'running') {
    const message = `Machine ${id} is ${view.machine.state}; a disk is swapped while the machine runs.`;
    throw new DriverError('MACHINE.WRONG_STATE', message, { subject: id });
  }
  if (from === identity) {
    const message = `Disk ${disk} of machine ${id} is on ${identity} already; swap it to another volume.`;
    throw new DriverError('DISK.CONFLICT', message, { subject: disk });
  }
  await refuseOtherUsers(session, id, identity, known, options);
  const { target } = readDisk(element);
  const job = { domain: view.domain, target, what: `Remote volume ${identity}` };
  const mirror = mirrorOf(view.document, target);
  if (!mirror) return job;
  // Nobody waits for the end of a copy whose program was killed; the same swap begins again.
  if (identityOf(readUnits(view.document), mirror) === identity) await abandonCopy(session, job, options);
  else {
    const message = `Disk ${disk} of machine ${id} is being copied elsewhere; wait for its end, or abort that.`;
    throw new DriverError('MACHINE.BUSY', message, { subject: id });
  }
  return job;
}
