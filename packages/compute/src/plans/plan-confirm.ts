import { keyOf } from '../change/disk-attachment.js';
import type { ChangePlan } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { KeptRecord } from '../instance/change-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { refusePlan } from './plan-error.js';

/** What the end of a resize starts from. */
export interface ConfirmInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
}

/** A resize is right: the old disks go. The guest notices nothing. Pure. Errors: `REQUEST.CONFLICT` (nothing to confirm). */
export function planConfirm({ record, layout }: ConfirmInput): ChangePlan {
  const kept = keptOf(record, 'confirm');
  const remove = missingIn(layout.disks, kept.disks);
  return { flow: 'confirm', before: layout, after: layout, create: [], remove, record: { kept: undefined } };
}

/**
 * A resize was wrong: the old disks, processors and memory come back, and what was written since to disks that were copied
 * is gone. Volumes that were attached meanwhile stay attached. Pure. Errors: `REQUEST.CONFLICT` (nothing to revert).
 */
export function planRevert({ record, layout }: ConfirmInput): ChangePlan {
  const kept = keptOf(record, 'revert');
  const old = kept.disks.filter((disk) => disk.owned || layout.disks.some((now) => keyOf(now) === keyOf(disk)));
  const attached = missingIn(old, layout.disks).filter(({ owned }) => !owned);
  const disks = [...old, ...attached];
  const remove = missingIn(old, layout.disks).filter(({ owned }) => owned);
  return {
    flow: 'revert',
    before: layout,
    after: { ...layout, machine: kept.machine, disks },
    create: [],
    remove,
    record: { kept: undefined },
  };
}

function keptOf(record: InstanceRecord, what: string): KeptRecord {
  if (record.kept) return record.kept;
  throw refusePlan(record, `has no resize to ${what}`, 'REQUEST.CONFLICT');
}

/** Those of `all` that are not among `disks`. */
const missingIn = (disks: readonly DiskRecord[], all: readonly DiskRecord[]): readonly DiskRecord[] =>
  all.filter((disk) => !disks.some((one) => keyOf(one) === keyOf(disk)));
