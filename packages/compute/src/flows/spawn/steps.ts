import type { Step } from '@virt-drivers/core/kit';
import { writeInstance } from '../../instance/record-store.js';
import { check } from './check.js';
import { claim, unclaim } from './claim.js';
import { claimed, diskParts, type SpawnContext } from './context.js';
import { attachPart, createPart, unattachPart, uncreatePart } from './disks.js';
import { admit, plan } from './prepare.js';
import { finalRecord } from './records.js';
import type { InstanceSpec } from '../../instance/spec.js';

type SpawnStep = Step<SpawnContext>;

/** The steps of a spawn, in order; the same names for the same spec, whatever happens. */
export function spawnSteps(spec: InstanceSpec): readonly SpawnStep[] {
  const parts = diskParts(spec);
  return [
    ...(spec.image ? [{ name: 'admit image', run: admit }] : []),
    { name: 'plan disks', run: plan },
    { name: 'check', run: check },
    { name: 'claim machine', run: claim, undo: unclaim },
    ...parts.map(createStep),
    ...parts.map(attachStep),
    ...((spec.start ?? true) ? [START] : []),
    { name: 'write record', run: record },
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

const record: SpawnStep['run'] = async (context, options) => {
  context.instance = await writeInstance(context.driver, claimed(context), finalRecord(context), options);
};
