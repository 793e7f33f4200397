import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kibibytes, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import { createCompute, type ChangeOptions, type Compute } from '../../src/index.js';
import { memoryEndpoint, type MemoryEndpoint } from '../memory-endpoint.js';
import { unreliable, type Accident } from '../unreliable-driver.js';
import { CHANGE_CASES, filling, INSTANCE, instanceSpec, type ChangeCase } from './change-cases.js';
import { printOf, volumeNames, type InstancePrint } from './instance-print.js';
import { stopAt } from './stop-at.js';

const SHORTLY = { stopWithin: { milliseconds: 500 } };

describe.each(CHANGE_CASES)('$name, interrupted', (one: ChangeCase) => {
  let endpoint: MemoryEndpoint;
  let calm: OpenDriver;
  let compute: Compute;
  let before: InstancePrint;
  let after: InstancePrint;
  let steps: readonly string[];
  let calls: number;

  beforeAll(async () => {
    endpoint = await memoryEndpoint();
    calm = filling(await endpoint.open());
    compute = createCompute(calm, { gate: endpoint.gate });
    before = await inInstance(() => printOf(calm, compute, INSTANCE));
    const seen: string[] = [];
    after = await inInstance(async (data) => {
      const { driver, calls: made } = unreliable(calm);
      const options: ChangeOptions = {
        onStep: ({ step, phase }) => void (phase === 'starting' && seen.push(step)),
        ...SHORTLY,
      };
      await one.change(createCompute(driver, { gate: endpoint.gate }), data, options);
      calls = made.length;
      return printOf(calm, compute, INSTANCE);
    });
    steps = seen;
  }, 60_000);
  afterAll(() => endpoint.close());

  /** Makes the instance and the volume beside it, and takes all away again: nothing of it may be left. */
  async function inInstance<T>(use: (data: VolumeId) => Promise<T>): Promise<T> {
    const [pool] = await calm.volumes.pools().all();
    if (!pool) throw new Error('The world has pools.');
    const data = await calm.volumes.create({ pool: pool.id, name: 'data', sizeBytes: kibibytes(64) });
    await compute.spawn(instanceSpec(one.start));
    await one.prepare?.(compute, data.id);
    const result = await use(data.id);
    await compute.destroy(INSTANCE);
    for (const name of ['data', 'data2']) {
      const volume = await calm.volumes.find({ pool: pool.id, name });
      if (volume) await calm.volumes.delete(volume.id);
    }
    expect(await volumeNames(calm)).toEqual([]);
    return result;
  }

  /** The state after an interruption, mended where the record asks for it. */
  async function settled(): Promise<InstancePrint> {
    const { record } = await compute.show(INSTANCE);
    if (record.phase !== 'ready') {
      const outcome = record.change?.stage === 'committed' ? 'finished' : 'restored';
      expect(await compute.reconcile({ dryRun: true })).toEqual([{ instanceId: INSTANCE, outcome }]);
      expect(await compute.reconcile()).toEqual([{ instanceId: INSTANCE, outcome }]);
    }
    expect(await compute.reconcile()).toEqual([]);
    return printOf(calm, compute, INSTANCE);
  }

  test('the change changes something, and leaves nothing', () => {
    expect(after).not.toEqual(before);
    expect([before.phase, after.phase]).toEqual(['ready', 'ready']);
    expect(steps.at(0)).toBe('mark record');
    expect(steps.at(-1)).toBe('finish record');
  });

  test.each(['failure', 'cancel', 'death'] as const)(
    'a %s at each step leaves the old state or the new one',
    async (kind) => {
      const committed = steps.indexOf('commit record');
      for (const [index, step] of steps.entries()) {
        await inInstance(async (data) => {
          const options: ChangeOptions = { ...SHORTLY, ...stopAt(step, kind) };
          await one.change(compute, data, options).catch(() => undefined);
          const isNew = kind === 'cancel' ? index > committed : index >= committed;
          const late = kind === 'cancel' && index === committed ? [before, after] : [isNew ? after : before];
          expect(late).toContainEqual(expectable(await settled(), late));
        });
      }
    },
    120_000,
  );

  test.each(['error', 'crash'] as const)(
    'a call that ends with a %s, each one in turn, before and after it took effect',
    async (kind) => {
      for (let call = 1; call <= calls; call += 1) {
        // Dying after one call is dying before the next.
        for (const when of kind === 'crash' ? (['before'] as const) : (['before', 'after'] as const)) {
          const accident: Accident = { call, when, kind };
          await inInstance(async (data) => {
            const { driver } = unreliable(calm, accident);
            await one.change(createCompute(driver, { gate: endpoint.gate }), data, SHORTLY).catch(() => undefined);
            const print = await settled();
            if (JSON.stringify(print) !== JSON.stringify(before))
              expect({ accident, print }).toEqual({ accident, print: expectable(print, [after, before]) });
          });
        }
      }
    },
    240_000,
  );

  /** The print itself when it is one of those that may be, else the first of them, to be shown beside it. */
  function expectable(print: InstancePrint, all: readonly (InstancePrint | undefined)[]): InstancePrint | undefined {
    return all.find((each) => JSON.stringify(each) === JSON.stringify(print)) ?? all[0];
  }
});
