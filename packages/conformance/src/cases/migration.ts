import {
  isDriverError,
  machineId,
  poolId,
  type Machine,
  type Migration,
  type MigrationPlan,
  type OpenDriver,
  type Task,
} from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Bench } from '../bench/bench.js';
import { contentOf, digestOf, pattern } from '../bench/contents.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

interface Move {
  readonly source: Migration;
  readonly target: Migration;
  readonly destination: OpenDriver;
  readonly plan: MigrationPlan;
}

async function planMove(bench: Bench, machine: Machine, mode: MigrationPlan['mode']): Promise<Move> {
  const destination = await bench.destination();
  const { migration: source } = bench.driver;
  const { migration: target } = destination;
  if (!source || !target) throw new Error('The case migrates but one of the sides cannot.');
  const hosts = await destination.hosts.list(bench.call).all();
  const other = hosts.find(
    ({ id, state }) => state === 'ready' && (destination !== bench.driver || id !== machine.host),
  );
  if (!other) throw new Error('There is no second host to move to; name another endpoint with --destination.');
  return { source, target, destination, plan: { machine: machine.id, host: other.id, mode } };
}

async function start({ source, target, plan }: Move, { call }: Bench): Promise<Task<Machine>> {
  const ticket = await target.prepare(plan, await source.describe(plan, call), call);
  return source.start(plan, ticket, call);
}

async function move(
  bench: Bench,
  machine: Machine,
  mode: MigrationPlan['mode'],
): Promise<{ readonly moved: Machine; readonly plan: MigrationPlan }> {
  const route = await planMove(bench, machine, mode);
  const moved = await (await start(route, bench)).result(bench.call);
  const { destination } = route;
  bench.ledger.action(`machine ${moved.id} at its destination`, () =>
    destination.machines.delete(moved.id, { kill: true }, bench.call),
  );
  return { moved, plan: route.plan };
}

/** Moves it with its first disk, stops it there, and reads the disk. */
async function moveWithDisk(bench: Bench, machine: Machine) {
  const route = await planMove(bench, machine, 'live');
  const { destination } = route;
  const pools = await destination.volumes.pools(bench.call).all();
  const pool = pools.find(({ id }) => id === bench.pool.id) ?? pools[0];
  const [own] = machine.disks;
  if (!pool || !own) throw new Error('The destination has no pool, or the machine no disk.');
  const plan = { ...route.plan, disks: [{ disk: own.id, pool: pool.id }] };
  const moved = await (await start({ ...route, plan }, bench)).result(bench.call);
  const volumes = moved.disks.flatMap(({ volume }) => volume ?? []);
  bench.ledger.action('what moved', async () => {
    await destination.machines.delete(moved.id, { kill: true }, bench.call);
    for (const volume of volumes) await destination.volumes.delete(volume, bench.call);
  });
  await destination.power.kill(moved.id, bench.call);
  const [disk] = moved.disks;
  const [volume] = volumes;
  const exported = volume && destination.volumes.export?.(volume, {}, bench.call);
  if (!disk || !exported) throw new Error('The machine that moved has no volume that could be read.');
  return { moved, disk, exported };
}

export const migration: readonly ConformanceCase[] = [
  {
    id: 'migration/check-explains-obstacles',
    title: 'Checking a plan gives a list of obstacles, each a sentence; of an unknown machine it is MACHINE.NOT_FOUND.',
    requires: ['migration'],
    deadlineSeconds: 30,
    async run(bench) {
      const machine = await bench.machine();
      const { source, plan } = await planMove(bench, machine, 'offline');
      for (const { message } of await source.check(plan, bench.call)) assert.match(message, /\.$/);
      await expectError(
        source.check({ ...plan, machine: machineId('no-such-machine-9f2c') }, bench.call),
        'MACHINE.NOT_FOUND',
      );
    },
  },
  {
    id: 'migration/ticket-is-plain-data',
    title: 'A ticket survives JSON, names its driver and an end, and giving it back twice leaves nothing.',
    requires: ['migration.live'],
    deadlineSeconds: 60,
    async run(bench) {
      const machine = await bench.runningMachine();
      const { source, target, plan } = await planMove(bench, machine, 'live');
      const ticket = await target.prepare(plan, await source.describe(plan, bench.call), bench.call);
      expectEqual([ticket.version, ticket.driver, ticket.machineName], [1, bench.driver.manifest.name, machine.name]);
      assert.ok(types.isDate(ticket.expiresAt) && ticket.expiresAt.getTime() > Date.now());
      expectEqual(JSON.parse(JSON.stringify(ticket.detail)), ticket.detail);
      await target.discard(ticket, bench.call);
      await target.discard(ticket, bench.call);
      assert.equal((await bench.driver.machines.get(machine.id, bench.call)).state, 'running');
    },
  },
  {
    id: 'migration/moves-and-keeps-running',
    title: 'A running machine moves to another host and runs there, with its name and record.',
    requires: ['migration.live'],
    deadlineSeconds: 120,
    async run(bench) {
      const owner = bench.name('owner');
      const machine = await bench.runningMachine({ record: { owner, body: 'moves' } });
      const { moved, plan } = await move(bench, machine, 'live');
      expectEqual(
        [moved.name, moved.state, moved.host, moved.recordOwner],
        [machine.name, 'running', plan.host, owner],
      );
    },
  },
  {
    id: 'migration/offline',
    title: 'A stopped machine moves to another host and is stopped there.',
    requires: ['migration.offline'],
    deadlineSeconds: 120,
    async run(bench) {
      const machine = await bench.machine();
      const { moved, plan } = await move(bench, machine, 'offline');
      expectEqual([moved.name, moved.state, moved.host], [machine.name, 'stopped', plan.host]);
    },
  },
  {
    id: 'migration/copies-storage',
    title: 'A running machine moves with its disk into a pool of the destination, where the disk reads the same.',
    requires: ['migration.live', 'migration.copyStorage', 'volumes.fromContent', 'volumes.export'],
    deadlineSeconds: 180,
    async run(bench) {
      const data = pattern(1_048_576, 'moves with its machine');
      const before = await bench.volumeWith(data);
      const serial = bench.driver.supports('disks.serial') === undefined ? {} : { serial: 'moves' };
      const machine = await bench.runningMachine({ disks: [{ volume: before.id, ...serial }] });
      const { moved, disk, exported } = await moveWithDisk(bench, machine);
      expectEqual([moved.state, disk.serial], ['running', serial.serial]);
      expectEqual((await digestOf(exported, data.length)).hex, contentOf(data).checksum.hex);
    },
  },
  {
    id: 'migration/failed-prepare-leaves-nothing',
    title: 'Preparing for a pool that the destination lacks is refused and leaves no volume there.',
    requires: ['migration.live', 'migration.copyStorage'],
    deadlineSeconds: 60,
    async run(bench) {
      const { id } = await bench.volume();
      const machine = await bench.runningMachine({ disks: [{ volume: id }] });
      const { source, target, destination, plan } = await planMove(bench, machine, 'live');
      const disks = machine.disks.map((disk) => ({ disk: disk.id, pool: poolId('no-such-pool-9f2c') }));
      const description = await source.describe({ ...plan, disks }, bench.call);
      const count = async (): Promise<number> =>
        (await destination.volumes.list(bench.pool.id, bench.call).all()).length;
      const before = await count();
      await expectError(target.prepare({ ...plan, disks }, description, bench.call), 'POOL.NOT_FOUND');
      assert.equal(await count(), before);
      assert.equal((await bench.driver.machines.get(machine.id, bench.call)).state, 'running');
    },
  },
  {
    id: 'migration/force-ends-it',
    title: 'A forced migration ends at the destination; of a machine that does not move it is MACHINE.WRONG_STATE.',
    requires: ['migration.live', 'migration.force'],
    deadlineSeconds: 120,
    async run(bench) {
      const machine = await bench.runningMachine();
      const { force } = bench.driver.migration ?? {};
      if (!force) throw new Error('The endpoint claims migration.force and lacks it.');
      await expectError(force(machine.id, bench.call), 'MACHINE.WRONG_STATE');
      const route = await planMove(bench, machine, 'live');
      const task = await start(route, bench);
      bench.ledger.action('machine at its destination', () =>
        route.destination.machines.delete(machine.id, { kill: true }, bench.call),
      );
      await force(machine.id, bench.call).catch((error: unknown) => {
        // It had not begun to move, or was there already.
        if (!isDriverError(error, 'MACHINE.WRONG_STATE', 'MACHINE.NOT_FOUND')) throw error;
      });
      const moved = await task.result(bench.call);
      expectEqual([moved.host, moved.state], [route.plan.host, 'running']);
    },
  },
  {
    id: 'migration/abort-leaves-source',
    title: 'After a migration was cancelled the machine runs on its source as before, unless it was too late.',
    requires: ['migration.live', 'migration.abort'],
    deadlineSeconds: 120,
    async run(bench) {
      const machine = await bench.runningMachine();
      const route = await planMove(bench, machine, 'live');
      const { destination } = route;
      bench.ledger.action('machine at its destination', () =>
        destination.machines.delete(machine.id, { kill: true }, bench.call),
      );
      const task = await start(route, bench);
      await task.cancel(bench.call);
      const moved = await task.result(bench.call).catch((error: unknown) => error);
      if (!(moved instanceof Error)) return;
      await expectError(Promise.reject(moved), 'CALL.CANCELLED');
      const { host, state } = await bench.driver.machines.get(machine.id, bench.call);
      expectEqual([host, state], [machine.host, 'running']);
    },
  },
];
