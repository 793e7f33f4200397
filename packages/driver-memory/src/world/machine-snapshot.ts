import { DriverError, snapshotId, type SnapshotId, type SnapshotSpec } from '@virt-drivers/core';
import { notFound } from '../errors.js';
import { goOn, switchOff } from '../guest/life.js';
import { copyOf } from './copy.js';
import { volumeOf, findVolume } from './find.js';
import { tell } from './journal.js';
import { addLayer, freeze, sweepLayers } from './layers.js';
import { nextId, type Scene } from './scene.js';
import type { MachineEntry, SnapshotState, VolumeState } from './state.js';
import { attachedTo } from './view.js';

/** The machine's snapshot, or `SNAPSHOT.NOT_FOUND`. */
export function findSnapshot(machine: MachineEntry, id: SnapshotId): SnapshotState {
  const snapshot = machine.snapshots.find((candidate) => candidate.id === id);
  if (!snapshot) throw notFound('SNAPSHOT.NOT_FOUND', `Snapshot of machine ${machine.id}`, id);
  return snapshot;
}

const writableVolumes = (scene: Scene, machine: MachineEntry): VolumeState[] =>
  machine.disks.flatMap(({ readOnly, volume }) => {
    const state = !readOnly && volume ? volumeOf(scene, volume) : undefined;
    return state ? [state] : [];
  });

/** Freezes the machine as it is. */
export function takeSnapshot(
  scene: Scene,
  machine: MachineEntry,
  spec: SnapshotSpec,
  canBranch: boolean,
): SnapshotState {
  const { currentSnapshot: parent, guest, state, cpu, memory } = machine;
  const sibling = machine.snapshots.find((one) => one.parent === parent);
  if (!canBranch && parent !== undefined && sibling) {
    throw new DriverError(
      'SNAPSHOT.BLOCKS',
      `Machine ${machine.id} has snapshot ${sibling.id} after ${parent}, and this endpoint keeps no branches.`,
      {
        heldBy: sibling.id,
      },
    );
  }
  const frozen = writableVolumes(scene, machine).map(
    (volume) => [volume.id.key, { layer: freeze(scene, volume), sizeBytes: volume.sizeBytes }] as const,
  );
  const snapshot: SnapshotState = {
    id: snapshotId(nextId(scene, 'snapshot')),
    name: spec.name,
    ...(spec.description !== undefined && { description: spec.description }),
    createdAt: scene.now,
    memory: spec.memory === true,
    ...(parent !== undefined && { parent }),
    disks: copyOf(machine.disks),
    frozen: Object.fromEntries(frozen),
    ...(spec.memory && guest && { running: { state, cpu, memory, guest: copyOf(guest) } }),
  };
  machine.snapshots.push(snapshot);
  machine.currentSnapshot = snapshot.id;
  tell(scene, { kind: 'machine-updated', machine: machine.id });
  return snapshot;
}

/** Everything that the snapshot's disks need must still be there and free. */
function checkVolumes(scene: Scene, machine: MachineEntry, { disks }: SnapshotState): void {
  for (const { volume } of disks) {
    if (!volume) continue;
    findVolume(scene, volume);
    const other = attachedTo(scene, volume).find((id) => id !== machine.id);
    const isShared = disks.some((disk) => disk.volume?.key === volume.key && (disk.shared || disk.readOnly));
    if (other === undefined || isShared) continue;
    throw new DriverError(
      'VOLUME.IN_USE',
      `Volume ${volume.key} of the snapshot is attached to machine ${other} now; detach it there first.`,
      {
        subject: volume.key,
        heldBy: other,
      },
    );
  }
}

/** Brings the machine back, or throws before anything has changed. The record stays as it is. */
export function revertMachine(scene: Scene, machine: MachineEntry, id: SnapshotId): void {
  const snapshot = findSnapshot(machine, id);
  checkVolumes(scene, machine, snapshot);
  if (machine.state !== 'stopped') switchOff(scene, machine, 'requested');
  for (const [key, { layer, sizeBytes }] of Object.entries(snapshot.frozen)) {
    const volume = scene.state.volumes[key];
    if (!volume) continue;
    volume.layer = addLayer(scene, layer).id;
    volume.sizeBytes = sizeBytes;
  }
  machine.disks = copyOf([...snapshot.disks]);
  machine.currentSnapshot = id;
  const { running } = snapshot;
  if (running) {
    Object.assign(machine, {
      guest: copyOf(running.guest),
      cpu: running.cpu,
      memory: running.memory,
      state: running.state,
    });
    goOn(scene, machine);
    tell(scene, { kind: 'machine-state', machine: machine.id, state: running.state, reason: 'requested' });
  }
  sweepLayers(scene);
  tell(scene, { kind: 'machine-updated', machine: machine.id });
}
