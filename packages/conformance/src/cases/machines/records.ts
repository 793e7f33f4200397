import { RECORD_BYTES_GUARANTEED, type Json } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

function bodyOfBytes(size: number): Json {
  const frame = JSON.stringify({ text: '' }).length;
  // Four bytes each in UTF-8, two units in the text: drivers must count bytes.
  const wide = '\u{1F98A}'.repeat(64);
  return { text: wide + 'x'.repeat(size - frame - 256) };
}

const TRICKY: Json = {
  '<key attr="1">': ']]> & &amp; <!-- --> <?pi?>',
  'quotes "\'`': '\\ \u0007 \u007f \u2028 \u{1F98A} \t\n\r',
  numbers: [0, -1, 1.5, 1e21, 9007199254740991],
  nested: { empty: {}, list: [], none: null, yes: true, no: false, text: '' },
};

export const recordsOfMachines: readonly ConformanceCase[] = [
  {
    id: 'machines/record-of-new-machine',
    title: 'A machine made with a record has it; one made without has none.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const owner = bench.name('owner');
      const { id } = await bench.machine({ record: { owner, body: TRICKY } });
      const record = await machines.record(id, call);
      expectEqual([record?.owner, record?.body], [owner, TRICKY]);
      const bare = await bench.machine();
      assert.equal(bare.recordOwner, undefined);
      assert.equal(await machines.record(bare.id, call), undefined);
    },
  },
  {
    id: 'machines/record-compare-and-set',
    title:
      'A record is written only over the revision that was read; otherwise RECORD.CONFLICT, and it stays as it is.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.machine();
      const owner = bench.name('owner');
      const write = (body: Json, ifRevision: string | null) =>
        machines.writeRecord(id, { owner, body }, { ifRevision }, call);
      await expectError(write(0, 'no-such-revision'), 'RECORD.CONFLICT');
      const first = await write(1, null);
      await expectError(write(2, null), 'RECORD.CONFLICT');
      const second = await write(3, first.revision);
      assert.notEqual(second.revision, first.revision);
      await expectError(write(4, first.revision), 'RECORD.CONFLICT');
      expectEqual(await machines.record(id, call), second);
      assert.equal(second.body, 3);
      assert.equal((await machines.get(id, call)).recordOwner, owner);
    },
  },
  {
    id: 'machines/record-parallel-writers',
    title: 'Of several writers over the same revision exactly one succeeds.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.machine();
      const writers = [1, 2, 3, 4].map((body) =>
        machines.writeRecord(id, { owner: 'w', body }, { ifRevision: null }, call),
      );
      const outcomes = await Promise.allSettled(writers);
      const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(won.length, 1, `${won.length} writers succeeded`);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') await expectError(Promise.reject(outcome.reason), 'RECORD.CONFLICT');
      }
      expectEqual(await machines.record(id, call), won[0]);
    },
  },
  {
    id: 'machines/record-holds-16-kib',
    title: 'A record body of 16,384 bytes of JSON is kept, whatever characters it has.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const body = bodyOfBytes(RECORD_BYTES_GUARANTEED);
      assert.equal(Buffer.byteLength(JSON.stringify(body)), RECORD_BYTES_GUARANTEED);
      const { id } = await bench.machine();
      await machines.writeRecord(id, { owner: bench.name('owner'), body }, { ifRevision: null }, call);
      expectEqual((await machines.record(id, call))?.body, body);
    },
  },
  {
    id: 'machines/record-works-in-every-state',
    title: 'The record is written while the machine runs, and is still there after a restart.',
    requires: [],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { machines, power },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      const written = await machines.writeRecord(id, { owner: 'running', body: TRICKY }, { ifRevision: null }, call);
      expectEqual(await machines.record(id, call), written);
      await power.kill(id, call);
      expectEqual((await machines.record(id, call))?.body, TRICKY);
      await power.start(id, call);
      expectEqual((await machines.record(id, call))?.body, TRICKY);
    },
  },
  {
    id: 'machines/record-is-seen-by-another-session',
    title: 'A record written in one session is read, with its revision, in another.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines },
        call,
      } = bench;
      const { id } = await bench.machine();
      const written = await machines.writeRecord(id, { owner: 'first', body: [1] }, { ifRevision: null }, call);
      const other = await bench.openAnother();
      expectEqual(await other.machines.record(id, call), written);
      const next = await other.machines.writeRecord(
        id,
        { owner: 'second', body: [2] },
        { ifRevision: written.revision },
        call,
      );
      expectEqual(await machines.record(id, call), next);
    },
  },
];
