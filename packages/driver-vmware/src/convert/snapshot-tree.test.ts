import { expect, test } from '@jest/globals';
import type { VirtualMachineSnapshotTree } from '@virt-drivers/vsphere';
import { readSnapshots } from './snapshot-tree.js';

const vm = { type: 'VirtualMachine', value: 'vm-1' } as const;

const tree = (value: string, more: Partial<VirtualMachineSnapshotTree> = {}): VirtualMachineSnapshotTree => ({
  snapshot: { type: 'VirtualMachineSnapshot', value },
  vm,
  name: value,
  description: '',
  id: 1,
  createTime: '2026-03-01T10:00:00.5Z',
  state: 'poweredOff',
  quiesced: false,
  ...more,
});

test('a machine without snapshots has none', () => {
  expect(readSnapshots(undefined)).toEqual([]);
});

test('parents come before their children, each with its parent, and names lose their escapes', () => {
  const child = tree('snapshot-3', { name: 'a%2fb %25', state: 'poweredOn', description: 'why' });
  const info = {
    currentSnapshot: child.snapshot,
    rootSnapshotList: [tree('snapshot-1', { childSnapshotList: [tree('snapshot-2'), child] }), tree('snapshot-4')],
  };
  const found = readSnapshots(info).map(({ snapshot }) => snapshot);
  expect(found.map(({ id, parent, current }) => [id, parent, current])).toEqual([
    ['snapshot-1', undefined, false],
    ['snapshot-2', 'snapshot-1', false],
    ['snapshot-3', 'snapshot-1', true],
    ['snapshot-4', undefined, false],
  ]);
  expect(found[2]).toEqual({
    id: 'snapshot-3',
    name: 'a/b %',
    description: 'why',
    createdAt: new Date('2026-03-01T10:00:00.500Z'),
    memory: true,
    parent: 'snapshot-1',
    current: true,
  });
  expect(found[0]).not.toHaveProperty('description');
});
