import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OpenDriver } from '@virt-drivers/core';
import { driver as memory } from '@virt-drivers/driver-memory';
import { createCompute, openImageCache, type Compute } from '../../src/index.js';
import { buildWorker, type Worker, type WorkerProgram } from '../worker/worker.js';
import { CHANGE_CASES, dataVolume, filling, INSTANCE, instanceSpec } from './change-cases.js';
import { printOf, volumeNames, type InstancePrint } from './instance-print.js';
import { MOVE_CASES } from './move-cases.js';

/** The worlds of one run, in files that a real process works on until it is killed. */
interface Ground {
  readonly home: OpenDriver;
  readonly away: OpenDriver;
  readonly compute: Compute;
  worker(fatal: string): Worker;
}

const run = promisify(execFile);

let program: WorkerProgram;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compute-killed-changes-'));
  program = await buildWorker('change-worker');
}, 60_000);
afterAll(async () => {
  await program.close();
  await rm(directory, { recursive: true });
});

const cache = (): string => join(directory, 'cache');
let runs = 0;

/** Runs with copies of the worlds that were prepared, or with new ones. */
async function onGround<T>(
  name: string,
  prepared: string | undefined,
  use: (ground: Ground) => Promise<T>,
): Promise<T> {
  const own = join(directory, `run${(runs += 1)}`);
  const [home, away] = [`${own}-home.json`, `${own}-away.json`];
  // A simulated guest keeps its files far beyond the end of its disk: only a copy with holes is a small one.
  if (prepared !== undefined)
    for (const part of ['', '.volumes'])
      await run('cp', ['-r', '--sparse=always', `${prepared}${part}`, `${home}${part}`]);
  const opened = await Promise.all([home, away].map((path) => memory.open({ target: `memory://${path}` })));
  const [here, there] = opened.map(filling);
  if (!here || !there) throw new Error('Two worlds are needed.');
  const compute = createCompute(here, { gate: { cache: await openImageCache(cache()) } });
  const worker = (fatal: string): Worker => program.run(`memory://${home}`, `memory://${away}`, cache(), name, fatal);
  try {
    return await use({ home: here, away: there, compute, worker });
  } finally {
    await Promise.all(opened.map((driver) => driver.close()));
  }
}

/** A world with the instance as the change finds it: the path of its file. */
async function prepare(one: { readonly name: string; readonly start: boolean }): Promise<string> {
  const path = join(directory, `prepared${(runs += 1)}.json`);
  const driver = await memory.open({ target: `memory://${path}` });
  const compute = createCompute(filling(driver), { gate: { cache: await openImageCache(cache()) } });
  const data = await dataVolume(filling(driver));
  await compute.spawn(instanceSpec(one.start));
  await CHANGE_CASES.find(({ name }) => name === one.name)?.prepare?.(compute, data);
  await driver.close();
  return path;
}

/** The names of the steps, from a run that nobody disturbs. */
async function stepsOf({ worker }: Ground): Promise<readonly string[]> {
  const { words, ended } = worker('');
  await ended;
  expect(words.at(-1)).toBe('ended');
  return words.slice(0, -1);
}

async function killAfter({ worker }: Ground, step: string): Promise<void> {
  const process = worker(step);
  await process.says(step);
  await process.kill();
  expect({ step, words: process.words.at(-1) }).toEqual({ step, words: step });
}

describe.each(CHANGE_CASES)('$name, its process killed', (one) => {
  test('after every step: reconcile makes it the old state or the new one', async () => {
    const prepared = await prepare(one);
    const before = await onGround(one.name, prepared, ({ home, compute }) => printOf(home, compute, INSTANCE));
    const { steps, after } = await onGround(one.name, prepared, async (ground) => {
      const names = await stepsOf(ground);
      return { steps: names, after: await printOf(ground.home, ground.compute, INSTANCE) };
    });
    expect(steps.length).toBeGreaterThan(2);
    const committed = steps.indexOf('commit record');
    const found: [string, InstancePrint][] = [];
    for (const step of steps) {
      await onGround(one.name, prepared, async (ground) => {
        await killAfter(ground, step);
        const outcomes = (await ground.compute.reconcile()).map(({ outcome }) => outcome);
        const late = steps.indexOf(step) >= committed;
        const last = step === steps.at(-1);
        expect({ step, outcomes }).toEqual({ step, outcomes: last ? [] : [late ? 'finished' : 'restored'] });
        found.push([step, await printOf(ground.home, ground.compute, INSTANCE)]);
      });
    }
    // Growing cannot be taken back: whatever comes of the change, the disk is larger, and the record says so.
    const changed = steps.findIndex((step) => step === 'commit record' || step.startsWith('grow '));
    expect(found).toEqual(steps.map((step, index) => [step, index >= changed ? after : before]));
  }, 180_000);
});

describe.each(MOVE_CASES)('a move $name, its process killed', (one) => {
  /** What the disks hold, where the instance is whole; it must be on one side and nothing of it on the other. */
  async function whole({ home, away }: Ground): Promise<readonly ['here' | 'there', InstancePrint]> {
    const isThere = (await away.machines.find({ recordOwner: INSTANCE })) !== undefined;
    const [at, other] = isThere ? [away, home] : [home, away];
    expect(await other.machines.list().all()).toEqual([]);
    expect((await volumeNames(other)).filter((name) => name !== 'data')).toEqual([]);
    const print = await printOf(at, createCompute(at), INSTANCE);
    return [isThere ? 'there' : 'here', { ...print, others: print.others.filter((name) => name !== 'data') }];
  }

  test('after every step: reconcile makes it whole on one side', async () => {
    const prepared = await prepare(one);
    const [, before] = await onGround(one.name, prepared, whole);
    const steps = await onGround(one.name, prepared, stepsOf);
    const committed = steps.indexOf('commit record');
    for (const [index, step] of steps.entries()) {
      await onGround(one.name, prepared, async (ground) => {
        await killAfter(ground, step);
        for (const [driver, peer] of [
          [ground.home, ground.away],
          [ground.away, ground.home],
        ] as const) {
          const results = await createCompute(driver).reconcile({ peers: [peer] });
          expect({ step, failed: results.filter(({ outcome }) => outcome === 'failed') }).toEqual({ step, failed: [] });
        }
        const [where, print] = await whole(ground);
        expect({ step, print }).toEqual({ step, print: before });
        if (one.within || step === 'move machine' || step === 'check') return;
        expect({ step, where }).toEqual({ step, where: index >= committed ? 'there' : 'here' });
      });
    }
  }, 180_000);
});
