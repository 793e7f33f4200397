import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { poolId, type OpenDriver } from '@virt-drivers/core';
import { createCompute, type Compute, type MoveOptions } from '../../src/index.js';
import { memoryEndpoint, type MemoryEndpoint } from '../memory-endpoint.js';
import { unreliable, type Accident } from '../unreliable-driver.js';
import { filling, INSTANCE, instanceSpec } from './change-cases.js';
import { volumeNames } from './instance-print.js';
import { MOVE_CASES } from './move-cases.js';
import { stopAt } from './stop-at.js';

const SHORTLY = { stopWithin: { milliseconds: 500 } };

describe.each(MOVE_CASES)('a move $name', ({ start, flow, within = false, wish }) => {
  const endpoints: MemoryEndpoint[] = [];
  let source: OpenDriver;
  let destination: OpenDriver;
  let here: Compute;
  let there: Compute;
  let contents: readonly string[];
  let steps: readonly string[];

  beforeAll(async () => {
    endpoints.push(await memoryEndpoint(), await memoryEndpoint());
    const [first, second] = endpoints;
    if (!first || !second) throw new Error('Two endpoints are needed.');
    source = filling(await first.open());
    destination = within ? source : await second.open();
    here = createCompute(source, { gate: first.gate });
    there = createCompute(destination, { gate: second.gate });
    contents = await inInstance(async () => contentsOf(source));
  }, 60_000);
  afterAll(() => Promise.all(endpoints.map((endpoint) => endpoint.close())));

  async function inInstance<T>(use: () => Promise<T>): Promise<T> {
    await here.spawn(instanceSpec(start));
    const result = await use();
    for (const compute of [here, there]) await compute.destroy(INSTANCE);
    for (const driver of [source, destination]) {
      expect(await volumeNames(driver)).toEqual([]);
      expect(await driver.machines.list().all()).toEqual([]);
    }
    return result;
  }

  /** What each disk holds, by role and serial; the instance is off afterwards. */
  async function contentsOf(driver: OpenDriver): Promise<readonly string[]> {
    const { machine, record } = await createCompute(driver).show(INSTANCE);
    expect([record.phase, record.endpointId, machine.state]).toEqual([
      'ready',
      driver.endpointId,
      start ? 'running' : 'stopped',
    ]);
    await driver.power.kill(machine.id);
    const found: string[] = [];
    for (const [index, { role, serial, volume }] of record.disks.entries()) {
      const hash = createHash('sha256');
      if (!volume) throw new Error(`The ${role} disk has no volume.`);
      expect(machine.disks[index]?.volume).toEqual(volume);
      for await (const piece of driver.volumes.export?.({ pool: poolId(volume.pool), key: volume.key }) ?? [])
        hash.update(piece);
      found.push(`${role} ${serial} ${hash.digest('hex')}`);
    }
    const others = (await volumeNames(driver)).length - record.disks.length;
    expect(others).toBe(0);
    return found;
  }

  /** After an interruption and what mends it the instance is on exactly one side, whole. */
  async function expectWhole(): Promise<'here' | 'there'> {
    for (const [driver, peer] of [
      [destination, source],
      [source, destination],
    ] as const) {
      const results = await createCompute(driver).reconcile({ peers: [peer] });
      expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    }
    expect(await here.reconcile({ peers: [destination] })).toEqual([]);
    expect(await there.reconcile({ peers: [source] })).toEqual([]);
    const [atSource, atDestination] = await Promise.all(
      [source, destination].map((driver) => driver.machines.find({ recordOwner: INSTANCE })),
    );
    const hasMoved = within ? atSource?.host === wish?.host : atDestination !== undefined;
    if (!within) expect(atSource === undefined).toBe(hasMoved);
    expect(await contentsOf(hasMoved ? destination : source)).toEqual(contents);
    if (!within) expect(await volumeNames(hasMoved ? source : destination)).toEqual([]);
    return hasMoved ? 'there' : 'here';
  }

  const run = (from: OpenDriver, to: OpenDriver, options: MoveOptions = {}) =>
    createCompute(from)[flow](INSTANCE, to, wish, { ...SHORTLY, ...options });

  test('arrives with all that its disks hold, and nothing stays behind', async () => {
    await inInstance(async () => {
      const planned = await run(source, destination, { dryRun: true });
      const seen: string[] = [];
      const { instance } = await run(source, destination, {
        onStep: ({ step, phase }) => void (phase === 'done' && seen.push(step)),
      });
      expect(instance.machine.state).toBe(start ? 'running' : 'stopped');
      expect(seen).toEqual(planned.steps);
      steps = seen;
      expect(await expectWhole()).toBe('there');
    });
  });

  test.each(['failure', 'cancel', 'death'] as const)('a %s at each step: it is here or there, whole', async (kind) => {
    const committed = steps.indexOf('commit record');
    for (const [index, step] of steps.entries()) {
      await inInstance(async () => {
        await run(source, destination, stopAt(step, kind)).catch(() => undefined);
        const where = await expectWhole();
        if (index > committed) expect({ step, where }).toEqual({ step, where: 'there' });
        if (index < committed && step !== 'move machine') expect({ step, where }).toEqual({ step, where: 'here' });
      });
    }
  });

  test.each(['error', 'crash'] as const)(
    'a call on either side that ends with a %s',
    async (kind) => {
      const made = await inInstance(async () => {
        const [one, other] = [unreliable(source), unreliable(destination)];
        await run(one.driver, within ? one.driver : other.driver);
        return [one.calls.length, within ? 0 : other.calls.length] as const;
      });
      for (const side of [0, 1] as const) {
        for (let call = 1; call <= made[side]; call += 1) {
          for (const when of kind === 'crash' ? (['before'] as const) : (['before', 'after'] as const)) {
            const accident: Accident = { call, when, kind };
            await inInstance(async () => {
              const one = side === 0 ? unreliable(source, accident).driver : source;
              const other = side === 1 ? unreliable(destination, accident).driver : destination;
              await run(one, within ? one : other).catch(() => undefined);
              await expectWhole();
            });
          }
        }
      }
    },
    240_000,
  );
});

test('a move that goes on can be made to end; one that does not is told so', async () => {
  const [here, there] = await Promise.all([memoryEndpoint(), memoryEndpoint()]);
  const source = await here.open();
  const compute = createCompute(source, { gate: here.gate });
  await compute.spawn(instanceSpec(true));
  await expect(compute.forceMove(INSTANCE)).rejects.toMatchObject({ code: 'MACHINE.WRONG_STATE' });
  let forced: Promise<unknown> | undefined;
  const moved = await compute.migrate(
    INSTANCE,
    await there.open(),
    {},
    {
      onStatistics: () => void (forced ??= compute.forceMove(INSTANCE)),
    },
  );
  await forced;
  expect(forced).toBeDefined();
  expect(moved.instance.machine.state).toBe('running');
  await Promise.all([here.close(), there.close()]);
});
