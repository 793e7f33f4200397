import { machineId, Secret, type Guest } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { pattern } from '../bench/contents.js';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

/** The facet with members that the case requires. */
const guestOf = ({ driver }: Bench): Required<Guest> => driver.guest as Required<Guest>;

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield data;
}

export const guest: readonly ConformanceCase[] = [
  {
    id: 'guest/ping',
    title: 'The helper in a guest that is up answers.',
    requires: ['guest.ping'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      await guestOf(bench).ping(id, bench.call);
    },
  },
  {
    id: 'guest/without-helper-is-unavailable',
    title:
      'Without a helper in the guest a call is GUEST.UNAVAILABLE and may be repeated; of a stopped machine it is MACHINE.WRONG_STATE.',
    requires: ['guest.ping'],
    deadlineSeconds: 60,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const { retryable } = await expectError(guestOf(bench).ping(id, bench.within(8_000)), 'GUEST.UNAVAILABLE');
      assert.equal(retryable, true);
      await bench.driver.power.kill(id, bench.call);
      await expectError(guestOf(bench).ping(id, bench.call), 'MACHINE.WRONG_STATE');
      await expectError(guestOf(bench).ping(machineId('no-such-machine-9f2c'), bench.call), 'MACHINE.NOT_FOUND');
    },
  },
  {
    id: 'guest/info',
    title: 'The guest tells its family and its file systems.',
    requires: ['guest.info'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      const info = await guestOf(bench).info(id, bench.call);
      assert.equal(info.family, 'linux');
      assert.ok(info.fileSystems.every(({ mountPoint }) => mountPoint.length > 0));
    },
  },
  {
    id: 'guest/network',
    title: 'The guest tells the addresses of its nics, by the hardware addresses that the machine knows.',
    requires: ['guest.network'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id, nics },
      } = await bench.sharedGuest();
      const found = await guestOf(bench).network(id, bench.call);
      const addresses = found.map(({ macAddress }) => macAddress?.toLowerCase());
      for (const { macAddress } of nics)
        assert.ok(addresses.includes(macAddress), `the guest does not know ${macAddress}`);
    },
  },
  {
    id: 'guest/exec',
    title: 'A program runs in the guest to its end, without a shell, and its output and exit code come back.',
    requires: ['guest.exec'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      const facet = guestOf(bench);
      const said = await facet.exec(id, { path: '/bin/echo', args: ['$HOME; reboot', '`id`'] }, bench.call);
      expectEqual([said.exitCode, Buffer.from(said.stdout).toString()], [0, '$HOME; reboot `id`\n']);
      assert.notEqual((await facet.exec(id, { path: '/bin/false' }, bench.call)).exitCode, 0);
      await expectError(facet.exec(id, { path: '/no/such/program' }, bench.call), 'GUEST.REFUSED');
    },
  },
  {
    id: 'guest/set-password',
    title: 'An account gets a password; an unknown account is GUEST.REFUSED, and no error shows the password.',
    requires: ['guest.setPassword'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      await guestOf(bench).setPassword(id, 'root', new Secret('pass-9f2c-1'), bench.call);
      const call = guestOf(bench).setPassword(id, 'nosuchuser', new Secret('pass-9f2c-2'), bench.call);
      const error = await expectError(call, 'GUEST.REFUSED');
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /pass-9f2c/);
    },
  },
  {
    id: 'guest/quiesce-and-thaw',
    title: 'File systems come to rest and go on; thawing twice succeeds.',
    requires: ['guest.quiesce'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      const quiet = await guestOf(bench).quiesce(id, bench.call);
      await quiet.thaw(bench.call);
      await quiet.thaw(bench.call);
      assert.ok(quiet.frozenFileSystems >= 0);
    },
  },
  {
    id: 'guest/files',
    title: 'A file written into the guest reads as what was written; one that is not there is GUEST.REFUSED.',
    requires: ['guest.files'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        machine: { id },
      } = await bench.sharedGuest();
      const data = pattern(100_000, 'file');
      await guestOf(bench).writeFile(id, '/tmp/conformance', once(data), bench.call);
      const parts: Uint8Array[] = [];
      for await (const part of guestOf(bench).readFile(id, '/tmp/conformance', bench.call)) parts.push(part);
      assert.ok(Buffer.concat(parts).equals(data), 'the file reads otherwise');
      const missing = (async () => {
        for await (const part of guestOf(bench).readFile(id, '/no/such/file', bench.call)) return part;
        return undefined;
      })();
      await expectError(missing, 'GUEST.REFUSED');
    },
  },
];
