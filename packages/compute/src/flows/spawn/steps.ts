import type { CallOptions } from '@virt-drivers/core';
import type { Step } from '@virt-drivers/core/kit';
import { findInstance, writeInstance } from '../../instance/record-store.js';
import { check } from './check.js';
import { claim, unclaim } from './claim.js';
import { claimed, diskParts, type SpawnContext } from './context.js';
import { attachPart, createPart, unattachPart, uncreatePart } from './disks.js';
import { admit, plan } from './prepare.js';
import type { AdmittedImage } from '../../image-gate/admit-image.js';
import { finalRecord } from './records.js';
import type { InstanceSpec } from '../../instance/spec.js';

type SpawnStep = Step<SpawnContext>;

const ADMIT: SpawnStep = { name: 'admit image', run: admit };

/** Steps that come before the others can be named: only a package says how many disks it has, and only to the gate. */
export const firstSteps = ({ image }: InstanceSpec): readonly SpawnStep[] =>
  image?.declaration.format === 'ova' ? [ADMIT] : [];

/** The steps of a spawn, in order; the same names for the same spec and image, whatever happens. */
export function spawnSteps(spec: InstanceSpec, image?: Pick<AdmittedImage, 'further'>): readonly SpawnStep[] {
  const parts = diskParts(spec, image);
  return [
    ...(spec.image && !image ? [ADMIT] : []),
    { name: 'plan disks', run: plan },
    { name: 'check', run: check },
    { name: 'claim machine', run: claim, undo: unclaim },
    ...parts.map(createStep),
    ...parts.map(attachStep),
    ...((spec.start ?? true) ? [START] : []),
    { name: 'write record', run: record, undo: unrecord },
  ];
}

function createStep(part: string): SpawnStep {
  const name = `create ${part}`;
  return {
    name,
    run: (context, options) => createPart(context, part, name, options),
    undo: (context, options) => uncreatePart(context, part, options),
  };
}

const attachStep = (part: string): SpawnStep => ({
  name: `attach ${part}`,
  run: (context, options) => attachPart(context, part, options),
  undo: (context, options) => unattachPart(context, part, options),
});

const START: SpawnStep = {
  name: 'start machine',
  run: async (context, options) => context.driver.power.start(claimed(context).machine.id, options),
  undo: async (context, options) => context.driver.power.kill(claimed(context).machine.id, options),
};

async function record(context: SpawnContext, options: CallOptions): Promise<void> {
  context.instance = await writeInstance(context.driver, claimed(context), finalRecord(context), options);
}

// The record may have been written and only the answer lost: then it must not call an instance ready that is taken apart.
async function unrecord(context: SpawnContext, options: CallOptions): Promise<void> {
  const { driver, spec, journal } = context;
  const instance = await findInstance(driver, spec.instanceId, options);
  const isOurs = instance?.machine.id === claimed(context).machine.id;
  if (!instance || !isOurs || instance.record.phase !== 'ready') return;
  await writeInstance(driver, instance, { ...instance.record, phase: 'spawning', journal }, options);
}
