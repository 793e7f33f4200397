import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OpenDriver } from '@virt-drivers/core';
import { driver as memory } from '@virt-drivers/driver-memory';
import { createCompute, newInstanceId, openImageCache, type Compute } from '../src/index.js';
import { fullSpec } from './memory-endpoint.js';
import { buildWorker, type WorkerProgram } from './worker/worker.js';

const PARTS = ['root', 'ephemeral0', 'swap', 'config'];
const SPAWN_STEPS = [
  'admit image',
  'plan disks',
  'check',
  'claim machine',
  ...PARTS.map((part) => `create ${part}`),
  ...PARTS.map((part) => `attach ${part}`),
  'start machine',
  'write record',
];

/** A world in a file, shared by real processes, one of which is killed with SIGKILL. */
describe('a process killed', () => {
  let program: WorkerProgram;
  let directory = '';
  let driver: OpenDriver;
  let compute: Compute;
  const target = (): string => `memory://${join(directory, 'world.json')}`;
  const cache = (): string => join(directory, 'cache');

  beforeAll(async () => {
    program = await buildWorker('spawn-worker');
  }, 60_000);
  afterAll(() => program.close());
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'compute-killed-'));
    driver = await memory.open({ target: target() });
    compute = createCompute(driver, { gate: { cache: await openImageCache(cache()) } });
  });
  afterEach(async () => {
    await driver.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function killedAt(flow: 'spawn' | 'destroy', instanceId: string, step: string): Promise<void> {
    const worker = program.run(target(), cache(), instanceId, flow, step);
    await worker.says(step);
    await worker.kill();
    expect(worker.words).not.toContain('done');
  }

  async function ownVolumes(instanceId: string): Promise<string[]> {
    const names: string[] = [];
    for await (const pool of driver.volumes.pools())
      names.push(...(await driver.volumes.list(pool.id).all()).map(({ name }) => name));
    return names.filter((name) => name.startsWith(instanceId));
  }

  test.each(SPAWN_STEPS)(
    'in spawn at "%s": reconcile leaves nothing half done',
    async (step) => {
      const instanceId = newInstanceId();
      await killedAt('spawn', instanceId, step);
      const results = await compute.reconcile();
      const late = step === 'start machine' || step === 'write record';
      const early = SPAWN_STEPS.indexOf(step) <= SPAWN_STEPS.indexOf('claim machine');
      expect(results.map(({ outcome }) => outcome)).toEqual(early ? [] : [late ? 'finished' : 'removed']);
      expect(await ownVolumes(instanceId)).toHaveLength(late ? 4 : 0);
      if (late) expect((await compute.show(instanceId)).machine.state).toBe('running');
      else expect(await driver.machines.list().all()).toEqual([]);
    },
    60_000,
  );

  test.each(['claim machine', 'create root', 'create swap', 'attach ephemeral0', 'start machine'])(
    'in spawn at "%s": the same spawn finishes',
    async (step) => {
      const instanceId = newInstanceId();
      await killedAt('spawn', instanceId, step);
      const { machine, record } = await compute.spawn(fullSpec({ instanceId }));
      expect(machine.state).toBe('running');
      expect(record.phase).toBe('ready');
      expect(await ownVolumes(instanceId)).toHaveLength(4);
    },
    60_000,
  );

  test.each(['stop machine', 'delete snapshots', 'remove 2', 'delete machine'])(
    'in destroy at "%s": reconcile removes the rest',
    async (step) => {
      const { instanceId } = await compute.spawn(fullSpec());
      await killedAt('destroy', instanceId, step === 'remove 2' ? `remove ${instanceId}-ephemeral0` : step);
      expect((await compute.reconcile()).map(({ outcome }) => outcome)).toEqual(['removed']);
      expect(await ownVolumes(instanceId)).toEqual([]);
      expect(await driver.machines.list().all()).toEqual([]);
    },
    60_000,
  );

  test('while the process lives, reconcile leaves its work alone', async () => {
    const instanceId = newInstanceId();
    const worker = program.run(target(), cache(), instanceId, 'spawn', 'attach root');
    await worker.says('attach root');
    expect((await compute.reconcile()).map(({ outcome }) => outcome)).toEqual(['busy']);
    expect(await ownVolumes(instanceId)).toHaveLength(4);
    await worker.kill();
    expect((await compute.reconcile()).map(({ outcome }) => outcome)).toEqual(['removed']);
  }, 60_000);
});
