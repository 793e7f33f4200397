import assert from 'node:assert/strict';
import type { Tail } from '../../bench/tail.js';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { GUEST_SAYS } from '../../guest/test-guest.js';
import { revertTo, snapshotsOf } from './facet.js';

const isReady = (line: string): boolean => GUEST_SAYS.ready.test(line);

const countOf = (line = ''): number => Number(GUEST_SAYS.boots.exec(line)?.[1]);

/** How often the disk was booted by now, as the guest has said it. */
const bootsOf = (says: Tail<string> | undefined): number =>
  countOf(says?.seen.findLast((line) => GUEST_SAYS.boots.test(line)));

/** The same, as the guest says it at its next start. */
async function nextBoots(says: Tail<string> | undefined): Promise<number> {
  const line = await says?.next('the guest to count its boots', (text) => GUEST_SAYS.boots.test(text));
  await says?.next('the guest to be ready', isReady);
  return countOf(line);
}

export const revertingMachines: readonly ConformanceCase[] = [
  {
    id: 'snapshots/revert-restores-disk-content',
    title:
      'What the guest wrote to its disk after the snapshot is gone after the revert, and what was there before still boots.',
    requires: ['snapshots.revert', 'consoles.log'],
    needsGuest: true,
    deadlineSeconds: 150,
    async run(bench) {
      const { power } = bench.driver;
      const { id } = await bench.guestMachine();
      const { id: snapshot } = await snapshotsOf(bench).create(id, { name: 'never booted' }, bench.call);
      const says = await bench.boot(id);
      assert.equal(bootsOf(says), 1);
      await power.kill(id, bench.call);
      await revertTo(bench, id, snapshot);
      await power.start(id, bench.call);
      assert.equal(await nextBoots(says), 1, 'the disk is not as it was at the snapshot');
    },
  },
  {
    id: 'snapshots/delete-keeps-disk-content',
    title: 'Deleting a snapshot leaves what the guest wrote after it.',
    requires: ['snapshots', 'consoles.log'],
    needsGuest: true,
    deadlineSeconds: 150,
    async run(bench) {
      const { power } = bench.driver;
      const { id } = await bench.guestMachine();
      const { id: snapshot } = await snapshotsOf(bench).create(id, { name: 'passing' }, bench.call);
      const says = await bench.boot(id);
      assert.equal(bootsOf(says), 1);
      await power.kill(id, bench.call);
      await snapshotsOf(bench).delete(id, snapshot, bench.call);
      await power.start(id, bench.call);
      assert.equal(await nextBoots(says), 2, 'the disk lost what was written');
    },
  },
  {
    id: 'snapshots/memory-survives-revert',
    title: 'A guest whose memory was kept goes on after the revert where it was: it does not boot again.',
    requires: ['snapshots.revert', 'snapshots.memory', 'consoles.log', 'consoles.serial'],
    needsGuest: true,
    deadlineSeconds: 150,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const {
        machine: { id },
        says,
      } = await bench.runningGuest();
      const taken = await snapshotsOf(bench).create(id, { name: 'with memory', memory: true }, call);
      assert.equal(taken.memory, true);
      await power.kill(id, call);
      await revertTo(bench, id, taken.id);
      assert.equal((await machines.get(id, call)).state, 'running');
      const before = says?.seen.length ?? 0;
      await bench.answers(id);
      assert.ok(!says?.seen.slice(before).some(isReady), 'the guest booted again');
    },
  },
  {
    id: 'snapshots/revert-without-memory-stops',
    title: 'A machine reverted to a snapshot without memory is stopped.',
    requires: ['snapshots.revert', 'snapshots.running'],
    deadlineSeconds: 60,
    async run(bench) {
      const { id: volume } = await bench.volume();
      const { id } = await bench.runningMachine({ disks: [{ volume }] });
      const { id: snapshot } = await snapshotsOf(bench).create(id, { name: 'disks only' }, bench.call);
      await revertTo(bench, id, snapshot);
      assert.equal((await bench.driver.machines.get(id, bench.call)).state, 'stopped');
    },
  },
  {
    id: 'snapshots/record-survives-revert',
    title: 'A revert leaves the record as it is now, not as it was then.',
    requires: ['snapshots.revert'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.machine({ disks: [{ volume }], record: { owner: bench.name('owner'), body: 'then' } });
      const then = await machines.record(id, call);
      const { id: snapshot } = await snapshotsOf(bench).create(id, { name: 'then' }, call);
      assert.ok(then, 'the record is gone after the snapshot');
      const now = await machines.writeRecord(
        id,
        { owner: then.owner, body: 'now' },
        { ifRevision: then.revision },
        call,
      );
      await revertTo(bench, id, snapshot);
      expectEqual(await machines.record(id, call), now);
    },
  },
  {
    id: 'snapshots/revert-keeps-id-and-disks',
    title: 'After a revert the machine has its id, name and disks, on volumes that exist.',
    requires: ['snapshots.revert'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { machines, volumes },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const made = await bench.machine({ disks: [{ volume }] });
      const { id: snapshot } = await snapshotsOf(bench).create(made.id, { name: 'then' }, call);
      await revertTo(bench, made.id, snapshot);
      const { name, disks } = await machines.get(made.id, call);
      expectEqual([name, disks.length], [made.name, 1]);
      const now = disks[0]?.volume;
      assert.ok(now);
      expectEqual((await volumes.get(now, call)).attachedTo, [made.id]);
    },
  },
  {
    id: 'snapshots/quiesce',
    title: 'A snapshot for which the guest brings its file systems to rest is taken, and the guest runs on.',
    requires: ['snapshots.quiesce', 'snapshots.running', 'guest.ping'],
    needsGuest: true,
    deadlineSeconds: 120,
    async run(bench) {
      const {
        driver: { guest, machines },
        call,
      } = bench;
      const {
        machine: { id },
      } = await bench.runningGuest();
      await guest?.ping?.(id, call);
      await snapshotsOf(bench).create(id, { name: 'at rest', quiesce: true }, call);
      assert.equal((await machines.get(id, call)).state, 'running');
      await guest?.ping?.(id, call);
    },
  },
];
