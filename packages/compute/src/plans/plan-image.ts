import type { ChangePlan } from '../change/change-plan.js';
import type { Layout } from '../change/layout.js';
import type { DiskRecord } from '../instance/disk-record.js';
import type { InstanceRecord } from '../instance/record.js';
import { nextName } from './next-name.js';
import { refusePlan } from './plan-error.js';

/** Where an image of an instance goes, and how careful to be. */
export interface ImagePlanInput {
  readonly record: InstanceRecord;
  readonly layout: Layout;
  /** The machine's memory can be put away, so that the guest does not notice more than a pause. */
  readonly canSave: boolean;
  /** Name and pool of the volume that becomes the image; absent: its content leaves this system. */
  readonly target?: { readonly pool?: string; readonly name: string; readonly format?: DiskRecord['format'] };
  readonly quiesce?: boolean;
}

/**
 * An image of the root disk: one whole, flat volume with what it holds at one moment. A running guest is put away for the
 * copy and goes on where it was. Pure. Errors: `REQUEST.INVALID` (no root disk).
 */
export function planImage({ record, layout, canSave, target, quiesce = false }: ImagePlanInput): ChangePlan {
  const root = layout.disks.find(({ role }) => role === 'root');
  if (!root) throw refusePlan(record, 'has no root disk to make an image of');
  const { serial: _serial, volume: _volume, attachment: _attachment, ...same } = root;
  const image: DiskRecord = {
    ...same,
    role: 'scratch',
    owned: target === undefined,
    volumeName: target?.name ?? nextName(record, 'image'),
    ...(target?.pool !== undefined && { pool: target.pool }),
    ...(target?.format && { format: target.format }),
  };
  return {
    flow: 'image',
    before: layout,
    after: layout,
    create: [{ disk: image, from: { kind: 'copy', of: root } }],
    remove: target ? [] : [image],
    ...(canSave && { hold: 'save' }),
    ...(quiesce && { quiesce }),
    ...(!target && { send: true }),
  };
}
