import { describe, expect, test } from '@jest/globals';
import { isDriverError, kibibytes, mebibytes, poolId } from '@virt-drivers/core';
import { describePlan, type ChangePlan } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { planConfirm, planRevert } from './plan-confirm.js';
import { planImage } from './plan-image.js';
import { planRebuild } from './plan-rebuild.js';
import { planRescue, planUnrescue } from './plan-rescue.js';
import { GOLDEN_PLANS } from './plans.golden.js';
import { planResize } from './plan-resize.js';
import { attachedDisk, planAttach, planDetach, planExtend, planSwap } from './plan-volume.js';

const ID = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const sha256 = 'ab'.repeat(32);

const disk = (role: DiskRecord['role'], part: string, size: bigint, device: 'disk' | 'media' = 'disk'): DiskRecord => ({
  role,
  owned: true,
  pool: 'main',
  volumeName: `${ID}-${part}`,
  origin: role === 'root' ? { kind: 'image', sha256, format: 'qcow2' } : { kind: 'blank' },
  sizeBytes: String(size),
  format: 'qcow2',
  serial: `${part.slice(0, 7)}-00c04fd430c8`,
  volume: { pool: 'main', key: part },
  attachment: { device, bus: 'paravirtual' },
});

const [root, ephemeral, swap] = [
  disk('root', 'root', mebibytes(8)),
  disk('ephemeral', 'ephemeral0', mebibytes(4)),
  disk('swap', 'swap', mebibytes(2)),
];
const config = disk('config', 'config', kibibytes(64), 'media');
const data: DiskRecord = {
  ...disk('attached', 'x', mebibytes(1)),
  owned: false,
  pool: 'other',
  volumeName: 'data',
  volume: { pool: 'other', key: 'data' },
};

const layoutWith = (disks: readonly DiskRecord[], power: Layout['power'] = 'running'): Layout => ({
  disks,
  machine: { cpu: { count: 1 }, memory: { sizeBytes: String(mebibytes(64)) } },
  power,
});
const layout = layoutWith([root, ephemeral, swap, config, data]);
const recordOf = ({ disks }: Layout, more: Partial<InstanceRecord> = {}): InstanceRecord => ({
  schema: 2,
  instanceId: ID,
  endpointId: 'endpoint',
  phase: 'ready',
  pool: 'main',
  specSha256: sha256,
  start: true,
  disks: [...disks],
  ...more,
});
const record = recordOf(layout);
const image = { name: 'new', sha256: 'cd'.repeat(32), format: 'raw', virtualSizeBytes: mebibytes(6) } as const;
const larger = { root: mebibytes(16), ephemerals: [mebibytes(4), mebibytes(1)], swap: mebibytes(3) };
const resized = planResize({ record, layout, wish: larger });
const after = layoutWith(resized.after.disks);
const afterRecord = recordOf(after, { kept: resized.record?.kept });
const rescued = planRescue({ record, layout, image });
const of = (pool: string, key: string) => ({ pool: poolId(pool), key });

/** A plan as people read it: one line for each step, volume to make and volume to keep. */
const golden = (plan: ChangePlan): readonly string[] => {
  const { steps, create, keep, interrupts } = describePlan(plan);
  return [
    ...steps,
    ...create.map(({ volumeName, pool, sizeBytes, from }) => `+ ${pool}/${volumeName} ${sizeBytes} ${from}`),
    ...keep.map((name) => `= ${name}`),
    ...(interrupts ? ['! interrupts'] : []),
  ].map((line) => line.replaceAll(`${ID}-`, 'I-'));
};

const PLANS: readonly (readonly [name: string, plan: () => ChangePlan])[] = [
  ['rebuild', () => planRebuild({ record, layout, image })],
  ['rebuild, ephemerals kept', () => planRebuild({ record, layout, image, keepEphemerals: true })],
  ['rescue', () => rescued],
  [
    'unrescue',
    () => {
      const now = layoutWith(rescued.after.disks);
      return planUnrescue({ record: recordOf(now, { rescued: true }), layout: now });
    },
  ],
  ['resize', () => resized],
  [
    'resize of a stopped machine alone',
    () => planResize({ record, layout: layoutWith(layout.disks, 'stopped'), wish: { cpu: { count: 2 } } }),
  ],
  ['resize without swap', () => planResize({ record, layout, wish: { swap: null } })],
  ['confirm', () => planConfirm({ record: afterRecord, layout: after })],
  ['revert', () => planRevert({ record: afterRecord, layout: after })],
  ['image to a volume', () => planImage({ record, layout, canSave: true, target: { name: 'golden' }, quiesce: true })],
  ['image that leaves', () => planImage({ record, layout, canSave: false })],
  [
    'attach',
    () => {
      const volume = { id: of('other', 'more'), name: 'more', format: 'raw', sizeBytes: mebibytes(1) } as const;
      const found = { ...volume, allocatedBytes: volume.sizeBytes, attachedTo: [], provisioning: 'thin' as const };
      return planAttach({ record, layout, volume: volume.id }, attachedDisk(found, { device: 'disk' }, 'more'));
    },
  ],
  ['detach', () => planDetach({ record, layout, volume: of('other', 'data') })],
  [
    'detach of a volume before the drives of another bus',
    () => {
      const sorted = layoutWith([root, data, config]);
      return planDetach({ record: recordOf(sorted), layout: sorted, volume: of('other', 'data') });
    },
  ],
  ['extend', () => planExtend({ record, layout, volume: of('other', 'data') }, mebibytes(2))],
  ['swap of an own disk', () => planSwap({ record, layout, volume: of('main', 'ephemeral0') }, { pool: 'fast' })],
  ['swap of an attached volume', () => planSwap({ record, layout, volume: of('other', 'data') }, { name: 'data2' })],
];

describe('plans', () => {
  test.each(PLANS)('%s', (name, plan) => {
    expect(`\n${golden(plan()).join('\n')}`).toBe(GOLDEN_PLANS[name]);
  });

  test('the same input gives the same plan, and none changes its input', () => {
    const copy = structuredClone({ record, layout, wish: larger });
    expect(planResize(structuredClone(copy))).toEqual(resized);
    expect({ record, layout, wish: larger }).toEqual(copy);
  });
});

describe('refusals', () => {
  const code = (plan: () => ChangePlan): string => {
    try {
      plan();
      return 'none';
    } catch (error) {
      return isDriverError(error) ? error.code : String(error);
    }
  };
  const kept = recordOf(layout, { kept: { machine: layout.machine, disks: [] } });
  const inRescue = recordOf(layout, { rescued: true });
  const big = { ...image, virtualSizeBytes: mebibytes(9) };

  test.each([
    ['rebuild from a larger image', () => planRebuild({ record, layout, image: big }), 'REQUEST.INVALID'],
    ['rebuild in rescue', () => planRebuild({ record: inRescue, layout, image }), 'REQUEST.CONFLICT'],
    ['rebuild before confirm', () => planRebuild({ record: kept, layout, image }), 'REQUEST.CONFLICT'],
    ['rescue in rescue', () => planRescue({ record: inRescue, layout, image }), 'REQUEST.CONFLICT'],
    ['unrescue without rescue', () => planUnrescue({ record, layout }), 'REQUEST.CONFLICT'],
    ['resize to less', () => planResize({ record, layout, wish: { root: mebibytes(1) } }), 'VOLUME.CANNOT_SHRINK'],
    ['resize to fewer disks', () => planResize({ record, layout, wish: { ephemerals: [] } }), 'REQUEST.INVALID'],
    ['resize to the same', () => planResize({ record, layout, wish: { cpu: { count: 1 } } }), 'REQUEST.INVALID'],
    ['resize twice', () => planResize({ record: kept, layout, wish: larger }), 'REQUEST.CONFLICT'],
    ['confirm of nothing', () => planConfirm({ record, layout }), 'REQUEST.CONFLICT'],
    ['revert of nothing', () => planRevert({ record, layout }), 'REQUEST.CONFLICT'],
    ['detach of an own disk', () => planDetach({ record, layout, volume: of('main', 'root') }), 'REQUEST.INVALID'],
    [
      'extend of a stranger',
      () => planExtend({ record, layout, volume: of('a', 'b') }, mebibytes(2)),
      'VOLUME.NOT_FOUND',
    ],
    [
      'extend to less',
      () => planExtend({ record, layout, volume: of('main', 'root') }, mebibytes(1)),
      'VOLUME.CANNOT_SHRINK',
    ],
    ['swap without a name', () => planSwap({ record, layout, volume: of('other', 'data') }, {}), 'REQUEST.INVALID'],
    ['image without a root', () => planImage({ record, layout: layoutWith([data]), canSave: true }), 'REQUEST.INVALID'],
  ] as const)('%s', (_name, plan, wanted) => {
    expect(code(plan)).toBe(wanted);
  });
});
