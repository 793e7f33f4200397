import type { Diagnostics } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { types } from 'node:util';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

/** The facet with members that the case requires. */
const diagnosticsOf = ({ driver }: Bench): Required<Diagnostics> => driver.diagnostics as Required<Diagnostics>;

const MAGIC: Readonly<Record<string, RegExp>> = {
  'image/png': /^\x89PNG/,
  'image/x-portable-pixmap': /^P6/,
  'image/jpeg': /^\xff\xd8\xff/,
};

export const diagnostics: readonly ConformanceCase[] = [
  {
    id: 'diagnostics/counters',
    title: 'A running machine has counters for each of its disks and nics; a stopped one is MACHINE.WRONG_STATE.',
    requires: ['diagnostics.counters'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id: volume } = await bench.volume();
      const machine = await bench.runningMachine({ disks: [{ volume }], nics: [{ network: bench.network() }] });
      const { at, disks, nics } = await diagnosticsOf(bench).counters(machine.id, bench.call);
      assert.ok(types.isDate(at));
      expectEqual(
        disks.map(({ disk }) => disk),
        machine.disks.map(({ id }) => id),
      );
      expectEqual(
        nics.map(({ nic }) => nic),
        machine.nics.map(({ id }) => id),
      );
      await bench.driver.power.kill(machine.id, bench.call);
      await expectError(diagnosticsOf(bench).counters(machine.id, bench.call), 'MACHINE.WRONG_STATE');
    },
  },
  {
    id: 'diagnostics/screenshot',
    title: 'A running machine’s screen is a picture of the kind it says.',
    requires: ['diagnostics.screenshot'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const { mediaType, data } = await diagnosticsOf(bench).screenshot(id, bench.call);
      assert.match(Buffer.from(data.subarray(0, 8)).toString('latin1'), MAGIC[mediaType] ?? /^$/);
    },
  },
  {
    id: 'diagnostics/crash-dump',
    title: 'A dump of a machine’s memory streams, and the machine runs on.',
    requires: ['diagnostics.crashDump'],
    deadlineSeconds: 90,
    async run(bench) {
      const { id } = await bench.runningMachine();
      let length = 0;
      for await (const chunk of diagnosticsOf(bench).crashDump(id, bench.call)) length += chunk.length;
      assert.ok(length > 0, 'the dump is empty');
      assert.equal((await bench.driver.machines.get(id, bench.call)).state, 'running');
    },
  },
  {
    id: 'diagnostics/interrupt',
    title: 'An interrupt is delivered to a running machine; of a stopped one it is MACHINE.WRONG_STATE.',
    requires: ['diagnostics.interrupt'],
    deadlineSeconds: 40,
    async run(bench) {
      const { id } = await bench.runningMachine();
      await diagnosticsOf(bench).interrupt(id, bench.call);
      await bench.driver.power.kill(id, bench.call);
      await expectError(diagnosticsOf(bench).interrupt(id, bench.call), 'MACHINE.WRONG_STATE');
    },
  },
];
