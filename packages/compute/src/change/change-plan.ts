import type { MachineShape, KeptRecord } from '../instance/change-record.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord, Journal } from '../instance/record.js';
import { keyOf } from './disk-attachment.js';
import { diskMoves, type Layout } from './layout.js';

/** What a new disk of a change starts with. */
export type NewDiskSource =
  | { readonly kind: 'image' }
  | { readonly kind: 'blank' }
  /** All that the disk of this key holds when the machine stands still. */
  | { readonly kind: 'copy'; readonly of: DiskRecord };

/** A disk that a change makes. */
export interface NewDisk {
  readonly disk: DiskRecord;
  readonly from: NewDiskSource;
}

/** What a change does to the record beside disks and machine. */
export interface RecordChange {
  readonly image?: InstanceRecord['image'];
  readonly kept?: KeptRecord | undefined;
  readonly rescued?: boolean;
}

/** One change of an instance, decided and not begun. Plain data, made by a pure planner. */
export interface ChangePlan {
  readonly flow: Exclude<Journal['flow'], 'spawn' | 'destroy'>;
  readonly before: Layout;
  readonly after: Layout;
  readonly create: readonly NewDisk[];
  /** Volumes that go once the change is committed. */
  readonly remove: readonly DiskRecord[];
  /** Disks to grow in place. */
  readonly grow?: readonly DiskRecord[];
  readonly record?: RecordChange;
  /** How a running machine is kept from writing, where it must be: shut down (default), or its memory is put away. */
  readonly hold?: 'stop' | 'save';
  /** The guest brings its file systems to rest first. */
  readonly quiesce?: boolean;
  /** The first new disk leaves this system when the change is made. */
  readonly send?: boolean;
}

/** The parts of a change that depend on nothing but the plan. */
export interface ChangeOutline {
  /** Disks to detach, the last first. */
  readonly detach: readonly DiskRecord[];
  /** Disks to attach, in order. */
  readonly attach: readonly DiskRecord[];
  readonly reshape: boolean;
  /** The machine must stand still meanwhile. */
  readonly still: boolean;
}

/** Which disks come off and go on, and whether the guest may run meanwhile. Pure. */
export function outline({ before, after, create }: ChangePlan): ChangeOutline {
  const { off, on: attach } = diskMoves(before.disks, after.disks);
  const detach = [...off].reverse();
  const reshape = JSON.stringify(before.machine) !== JSON.stringify(after.machine);
  const hot = [...detach, ...attach].every(({ role }) => role === 'attached');
  const still = !hot || reshape || create.some(({ from }) => from.kind === 'copy');
  return { detach, attach, reshape, still };
}

/** What steps call a disk: names of volumes are unique among the instance's own, and in a pool. Pure. */
export const labelOf = ({ owned, pool, volumeName }: DiskRecord): string =>
  owned ? volumeName : `${pool}/${volumeName}`;

/** The names of a change's steps, in order: what `dryRun` shows, and what tests fail at. Pure. */
export function stepNames(plan: ChangePlan): readonly string[] {
  const { detach, attach, reshape, still } = outline(plan);
  const runs = plan.before.power === 'running';
  const saves = still && runs && plan.hold === 'save';
  const stops = still && runs && !saves;
  const starts = plan.after.power === 'running' && (stops || !runs);
  const quiets = plan.quiesce === true && runs;
  return [
    'mark record',
    ...(quiets ? ['quiesce guest'] : []),
    ...(saves ? ['save machine'] : []),
    ...(stops ? ['stop machine'] : []),
    ...plan.create.map(({ disk }) => `create ${disk.volumeName}`),
    ...detach.map((disk) => `detach ${labelOf(disk)}`),
    ...(reshape ? ['change machine'] : []),
    ...attach.map((disk) => `attach ${labelOf(disk)}`),
    ...(starts ? ['start machine'] : []),
    ...(saves ? ['restore machine'] : []),
    ...(quiets ? ['thaw guest'] : []),
    ...(plan.grow ?? []).map((disk) => `grow ${labelOf(disk)}`),
    'commit record',
    ...(plan.send ? ['send image'] : []),
    ...plan.remove.map(({ volumeName }) => `remove ${volumeName}`),
    'finish record',
  ];
}

/** What a plan comes to, for people and programs. */
export interface PlannedChange {
  readonly flow: ChangePlan['flow'];
  readonly steps: readonly string[];
  readonly create: readonly {
    readonly volumeName: string;
    readonly pool: string;
    readonly sizeBytes: string;
    readonly from: string;
  }[];
  readonly remove: readonly string[];
  /** Volumes that stay until the change is confirmed or reverted. */
  readonly keep: readonly string[];
  readonly machine?: { readonly before: MachineShape; readonly after: MachineShape };
  /** True when the guest is shut down for it. */
  readonly interrupts: boolean;
}

/** The plan as `dryRun` returns it. Pure. */
export function describePlan(plan: ChangePlan): PlannedChange {
  const { reshape, still } = outline(plan);
  const present = new Set(plan.before.disks.map(keyOf));
  return {
    flow: plan.flow,
    steps: stepNames(plan),
    create: plan.create.map(({ disk, from }) => ({
      volumeName: disk.volumeName,
      pool: disk.pool,
      sizeBytes: disk.sizeBytes,
      from: from.kind === 'copy' ? `copy of ${from.of.volumeName}` : from.kind,
    })),
    remove: plan.remove.map(({ volumeName }) => volumeName),
    keep: (plan.record?.kept?.disks ?? [])
      .filter(
        (disk) => disk.owned && present.has(keyOf(disk)) && !plan.after.disks.some((one) => keyOf(one) === keyOf(disk)),
      )
      .map(({ volumeName }) => volumeName),
    ...(reshape && { machine: { before: plan.before.machine, after: plan.after.machine } }),
    interrupts: still && plan.before.power === 'running' && plan.hold !== 'save',
  };
}
