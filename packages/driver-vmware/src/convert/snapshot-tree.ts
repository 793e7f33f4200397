import { snapshotId, type Snapshot, type SnapshotId } from '@virt-drivers/core';
import type { Reference, VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree } from '@virt-drivers/vsphere';
import { unescapeName } from './native-name.js';

/** A snapshot with the object that acts on it. */
export interface KnownSnapshot {
  readonly ref: Reference<'VirtualMachineSnapshot'>;
  readonly snapshot: Snapshot;
}

/** The snapshots of a machine's tree, parents before children, the older of siblings first. */
export function readSnapshots(info: VirtualMachineSnapshotInfo | undefined): readonly KnownSnapshot[] {
  const current = info?.currentSnapshot?.value;
  const walk = (trees: readonly VirtualMachineSnapshotTree[], parent?: string): readonly KnownSnapshot[] =>
    trees.flatMap((tree) => [
      { ref: tree.snapshot, snapshot: toSnapshot(tree, parent, current) },
      ...walk(tree.childSnapshotList ?? [], tree.snapshot.value),
    ]);
  return walk(info?.rootSnapshotList ?? []);
}

/** The snapshot that the machine continues from; undefined where it has none. */
export const currentSnapshot = (info: VirtualMachineSnapshotInfo | undefined): SnapshotId | undefined =>
  info?.currentSnapshot && snapshotId(info.currentSnapshot.value);

function toSnapshot(
  tree: VirtualMachineSnapshotTree,
  parent: string | undefined,
  current: string | undefined,
): Snapshot {
  const { name, description, createTime, state, snapshot } = tree;
  return {
    id: snapshotId(snapshot.value),
    name: unescapeName(name),
    ...(description !== '' && { description }),
    createdAt: new Date(createTime),
    // The state that a revert brings back: without memory that is a machine without power.
    memory: state !== 'poweredOff',
    ...(parent !== undefined && { parent: snapshotId(parent) }),
    current: snapshot.value === current,
  };
}
