import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../case.js';
import { expectEqual } from '../../expect-equal.js';
import { expectError } from '../../expect-error.js';

// Each would change a document, a path, a query or a command somewhere if it were pasted in.
const HOSTILE = [
  `<name>&amp;"'</name>`,
  ']]><x/>',
  '../../etc/passwd',
  'a/b\\c:d*e?f',
  '$(reboot) `reboot` ; reboot | % ${HOME}',
  '-rf --help',
  ' leading and trailing ',
  '名前 \u{1F98A} é e\u0301',
  '%2f%00',
  '{"json": [1]}',
];

export const namesOfMachines: readonly ConformanceCase[] = [
  {
    id: 'machines/name-is-stored-exactly',
    title: 'A name of 255 characters and one of a single character are stored as given.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const long = bench.name('n').padEnd(255, 'Ab9 ').slice(0, 254) + '.';
      const { id } = await bench.machine({ name: long });
      assert.equal((await bench.driver.machines.get(id, bench.call)).name, long);
      assert.equal((await bench.machine({ name: 'x' })).name, 'x');
    },
  },
  {
    id: 'machines/hostile-name',
    title: 'Names and descriptions with markup, quotes, path characters and four-byte characters are stored as given.',
    requires: [],
    deadlineSeconds: 60,
    async run(bench) {
      for (const text of HOSTILE) {
        const name = `${bench.name()}${text}`;
        const { id } = await bench.machine({ name, description: text });
        const machine = await bench.driver.machines.get(id, bench.call);
        expectEqual([machine.name, machine.description], [name, text]);
        await bench.driver.machines.delete(id, {}, bench.call);
      }
    },
  },
  {
    id: 'machines/control-characters-are-refused',
    title: 'A name with a control character, a lone surrogate, no character or too many is REQUEST.INVALID.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      for (const name of ['', 'a\u0000b', 'a\nb', 'a\u001bb', 'a\ud800b', 'x'.repeat(256)]) {
        await expectError(bench.machine({ name }), 'REQUEST.INVALID');
      }
    },
  },
  {
    id: 'machines/names-need-not-be-unique',
    title: 'Two machines may have the same name and are told apart by their ids.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const name = bench.name('twin');
      const [first, second] = [await bench.machine({ name }), await bench.machine({ name })];
      assert.notEqual(first.id, second.id);
      await bench.driver.machines.delete(first.id, {}, bench.call);
      assert.equal((await bench.driver.machines.get(second.id, bench.call)).name, name);
    },
  },
  {
    id: 'machines/rename',
    title: 'A machine gets another name and description and nothing else changes.',
    requires: ['machines.rename'],
    deadlineSeconds: 20,
    async run(bench) {
      const volume = await bench.volume();
      const before = await bench.machine({ disks: [{ volume: volume.id }] });
      const name = bench.name('<renamed>');
      const after = await bench.driver.machines.update(before.id, { name, description: 'new & other' }, bench.call);
      expectEqual(after, { ...before, name, description: 'new & other' });
      expectEqual(await bench.driver.machines.get(before.id, bench.call), after);
    },
  },
];
