import { DriverError, type CallOptions, type DiskId, type MachineId } from '@virt-drivers/core';
import { attachedIn, backingChain } from './convert/backing-chain.js';
import { diskIdOf, isDiskDevice, type DiskDevice } from './convert/disk-device.js';
import { noteOfDevice, readRemoteNotes } from './convert/remote-note.js';
import { currentSnapshot } from './convert/snapshot-tree.js';
import { removalOf } from './disk-removal.js';
import type { MachineView } from './machine-views.js';
import { reconfigureAsSeen } from './reconfigure.js';
import { doorLock, takeBack, takeBackAll } from './remote-volumes/take-back.js';
import type { VmwareSession } from './session.js';

/** Detaches a disk, whatever is behind it. Succeeds when it is not there. The caller holds the machine's lock. */
export async function detachDisk(
  session: VmwareSession,
  id: MachineId,
  disk: DiskId,
  options: CallOptions,
): Promise<void> {
  const view = await session.machines.view(id, options);
  const device = view.devices.filter(isDiskDevice).find((one) => diskIdOf(one) === disk);
  // A detachment that was cut short left notes without their disk.
  if (!device) return takeBackAll(session, view, options, 'without disk');
  refuseSnapshots(view, device);
  const note = noteOfDevice(readRemoteNotes(view.settings, id), device);
  if (note) return session.locks.run(doorLock(note.door), options, () => takeBack(session, id, note.identity, options));
  await reconfigureAsSeen(session, view, removalOf(view, device), options);
}

/** A disk in a snapshot cannot leave: the snapshot could not be reverted to. */
function refuseSnapshots({ machine, hasSnapshots, snapshots }: MachineView, { $type, backing }: DiskDevice): void {
  if (!hasSnapshots || $type === 'VirtualCdrom' || attachedIn(backingChain(backing)) === 0) return;
  const heldBy = currentSnapshot(snapshots);
  throw new DriverError(
    'SNAPSHOT.BLOCKS',
    `Machine ${machine.id} has snapshots with this disk. Delete them before it is detached.`,
    { subject: machine.id, ...(heldBy !== undefined && { heldBy }) },
  );
}
