import type { DriverEvent, MachineId } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Bench } from '../bench/bench.js';
import { isAbout } from '../bench/waiting.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';

// What changes of a definition are announced, and how often, differs; what happens to the machine itself does not.
const shown = (event: DriverEvent): string => (event.kind === 'machine-state' ? event.state : event.kind);

async function liveOnce(bench: Bench): Promise<MachineId> {
  const { driver, call } = bench;
  const { id } = await bench.machine();
  await driver.power.start(id, call);
  await driver.power.kill(id, call);
  await driver.machines.delete(id, {}, call);
  return id;
}

const lifeOf = (id: MachineId, events: readonly DriverEvent[]): readonly string[] =>
  events
    .filter((event) => isAbout(event, id))
    .map(shown)
    .filter((word) => word !== 'machine-updated' && word !== 'guest-agent');

const isDeletionOf =
  (id: MachineId) =>
  (event: DriverEvent): boolean =>
    event.kind === 'machine-deleted' && event.machine === id;

export const events: readonly ConformanceCase[] = [
  {
    id: 'events/lifecycle-is-seen-in-order',
    title: 'Creation, start, stop and deletion of a machine are seen, each once and in this order.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const tail = await bench.watch();
      const id = await liveOnce(bench);
      await tail.next('the deletion', isDeletionOf(id));
      expectEqual(lifeOf(id, tail.seen), ['machine-created', 'running', 'stopped', 'machine-deleted']);
    },
  },
  {
    id: 'events/are-well-formed',
    title: 'Every event has a cursor of its own and a time that is a date.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const tail = await bench.watch();
      const id = await liveOnce(bench);
      await tail.next('the deletion', isDeletionOf(id));
      for (const { at, cursor, timeSource } of tail.seen) {
        assert.ok(types.isDate(at) && !Number.isNaN(at.getTime()), 'an event has no time');
        assert.ok(cursor.length > 0 && ['endpoint', 'received'].includes(timeSource));
      }
      assert.equal(
        new Set(tail.seen.map(({ cursor }) => cursor)).size,
        tail.seen.length,
        'two events have the same cursor',
      );
    },
  },
  {
    id: 'events/two-watchers-see-the-same',
    title: 'Two watchers, one of them in another session, see the same life of a machine.',
    requires: [],
    deadlineSeconds: 40,
    async run(bench) {
      const other = await bench.openAnother();
      const iterator = await other.events.watch(undefined, { signal: bench.call.signal });
      const tail = await bench.watch();
      const id = await liveOnce(bench);
      await tail.next('the deletion', isDeletionOf(id));
      const seen: DriverEvent[] = [];
      for await (const event of iterator) {
        seen.push(event);
        if (isDeletionOf(id)(event)) break;
      }
      expectEqual(lifeOf(id, seen), lifeOf(id, tail.seen));
    },
  },
  {
    id: 'events/updates-are-seen',
    title: 'A change of a machine’s definition is announced.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      const tail = await bench.watch();
      await bench.driver.machines.update(id, { description: 'changed' }, bench.call);
      await tail.next('the update', (event) => event.kind === 'machine-updated' && event.machine === id);
    },
  },
  {
    id: 'events/abort-ends-the-watch',
    title: 'Aborting its signal ends a watch without an error.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const stop = new AbortController();
      const iterator = await bench.driver.events.watch(undefined, { signal: stop.signal });
      const next = iterator.next();
      stop.abort();
      assert.equal((await next).done, true);
    },
  },
  {
    id: 'events/leaving-ends-the-watch',
    title: 'Leaving the iteration ends a watch, and others go on.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const tail = await bench.watch();
      const iterator = await bench.driver.events.watch(undefined, { signal: bench.call.signal });
      const { id } = await bench.machine();
      for await (const event of iterator) if (isAbout(event, id)) break;
      await bench.driver.machines.delete(id, {}, bench.call);
      await tail.next('the deletion', isDeletionOf(id));
    },
  },
  {
    id: 'events/resume-misses-nothing',
    title: 'A watch that continues after a cursor sees what happened meanwhile, once and in order.',
    requires: ['events.resume'],
    deadlineSeconds: 60,
    async run(bench) {
      const first = await bench.watch();
      const early = await bench.machine();
      const { cursor } = await first.next(
        'the creation',
        (event) => event.kind === 'machine-created' && event.machine === early.id,
      );
      await first.close();
      const id = await liveOnce(bench);
      const second = await bench.watch({ since: cursor });
      await second.next('the deletion', isDeletionOf(id));
      expectEqual(lifeOf(id, second.seen), ['machine-created', 'running', 'stopped', 'machine-deleted']);
      assert.ok(
        second.seen.every((event) => event.kind !== 'resync'),
        'continuity was lost',
      );
    },
  },
  {
    id: 'events/since-unknown-cursor-resyncs',
    title: 'A watch since a cursor that nobody gave starts with `resync`, and then goes on.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const tail = await bench.watch({ since: 'no-such-cursor-9f2c' });
      await tail.next('the first event', () => true);
      assert.equal(tail.seen[0]?.kind, 'resync');
      const { id } = await bench.machine();
      await tail.next('the creation', (event) => event.kind === 'machine-created' && event.machine === id);
    },
  },
  {
    id: 'events/overflow-resyncs',
    title: 'A watcher that reads too late is told by `resync` that events were given up.',
    requires: [],
    deadlineSeconds: 60,
    async run(bench) {
      const { driver, call } = bench;
      const witness = await bench.watch();
      const slow = await driver.events.watch({ capacity: 2 }, { signal: call.signal });
      const { id } = await bench.machine();
      for (const description of ['1', '2', '3', '4']) await driver.machines.update(id, { description }, call);
      await driver.machines.delete(id, {}, call);
      await witness.next('the deletion', isDeletionOf(id));
      const seen: DriverEvent[] = [];
      for await (const event of slow) {
        seen.push(event);
        if (event.kind === 'resync') break;
      }
      assert.ok(
        seen.some((event) => event.kind === 'resync' && event.reason === 'overflow'),
        'events were lost silently',
      );
      assert.ok(witness.seen.length > 2, 'fewer events happened than fit');
    },
  },
];
