import { bytes, DriverError, type Disk, type DiskId, type MachineId, type Task } from '@virt-drivers/core';
import type { MemorySession } from '../session.js';
import { timeOn } from './clock.js';
import { changed } from './detach-disk.js';
import { findDisk } from './find.js';
import { viewDisk } from './view.js';

const STEPS = 4;
const STEP_MILLISECONDS = 5;

/** Copies a remote disk to another connection and continues there; after a failure the machine is as before. */
export async function swapRemote(
  session: MemorySession,
  id: MachineId,
  diskId: DiskId,
  key: string,
): Promise<Task<Disk>> {
  const total = await session.change((scene) => {
    const machine = session.idle(scene, id);
    const size = findDisk(machine, diskId).remote?.sizeBytes ?? bytes(0);
    const room = scene.state.remoteVolumes[key] ?? size;
    if (room < size)
      throw new DriverError(
        'POOL.FULL',
        `Remote volume has ${room} bytes, but disk ${diskId} has ${size}; grow it first.`,
      );
    machine.busy = { operation: 'swapping a volume' };
    return size;
  });
  return session.startTask(async (report, signal) => {
    try {
      for (let step = 1; step <= STEPS; step += 1) {
        await timeOn(session.world.clock, STEP_MILLISECONDS, signal);
        report({
          fraction: step / STEPS,
          doneBytes: bytes((total * BigInt(step)) / BigInt(STEPS)),
          totalBytes: total,
          phase: 'copy',
        });
      }
      return await session.change((scene) => {
        const machine = session.machine(scene, id);
        const disk = findDisk(machine, diskId);
        signal.throwIfAborted();
        disk.remote = { connection: key, sizeBytes: (scene.state.remoteVolumes[key] ??= total) };
        changed(scene, machine);
        return viewDisk(scene, disk);
      });
    } finally {
      await session.change(({ state }) => void delete state.machines[id]?.busy);
    }
  });
}
