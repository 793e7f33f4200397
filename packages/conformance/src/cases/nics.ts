import { bitsPerSecond, machineId, networkId, nicId, type MachineId, type Nic } from '@virt-drivers/core';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Bench } from '../bench/bench.js';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';
import { GUEST_SAYS } from '../guest/test-guest.js';

// 52:54:00 is free for virtual machines; the rest is chance, so that runs do not meet.
const someAddress = (): string =>
  `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

const nicsOf = async ({ driver, call }: Bench, id: MachineId): Promise<readonly Nic[]> =>
  (await driver.machines.get(id, call)).nics;

export const nics: readonly ConformanceCase[] = [
  {
    id: 'nics/attach-stopped',
    title: 'An attached nic tells its network, a unicast address and defaults, and is the machine’s.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      const nic = await bench.driver.nics.attach(id, { network: bench.network() }, bench.call);
      expectEqual([nic.network, nic.model, nic.linkUp], [bench.network(), 'paravirtual', true]);
      assert.match(nic.macAddress, /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/);
      expectEqual(await nicsOf(bench, id), [nic]);
    },
  },
  {
    id: 'nics/address-and-model-are-kept',
    title: 'Address and model of a nic are what was asked for.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const macAddress = someAddress();
      const { nics: made } = await bench.machine({
        nics: [{ network: bench.network(), macAddress, model: 'emulated' }],
      });
      expectEqual([made[0]?.macAddress, made[0]?.model], [macAddress, 'emulated']);
    },
  },
  {
    id: 'nics/without-address-each-is-new',
    title: 'Without an address every attach makes a nic with an address of its own.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine({ nics: [{ network: bench.network() }] });
      await bench.driver.nics.attach(id, { network: bench.network() }, bench.call);
      await bench.driver.nics.attach(id, { network: bench.network() }, bench.call);
      const all = await nicsOf(bench, id);
      expectEqual(
        [all.length, new Set(all.map(({ macAddress }) => macAddress)).size, new Set(all.map((nic) => nic.id)).size],
        [3, 3, 3],
      );
    },
  },
  {
    id: 'nics/attach-twice-is-one',
    title:
      'Attaching an equal nic with the same address returns the nic that is there; an unequal one is NIC.CONFLICT.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { nics: members },
        call,
      } = bench;
      const nic = { network: bench.network(), macAddress: someAddress() };
      const { id } = await bench.machine();
      const first = await members.attach(id, nic, call);
      expectEqual(await members.attach(id, nic, call), first);
      await expectError(members.attach(id, { ...nic, model: 'emulated' }, call), 'NIC.CONFLICT');
      expectEqual(await nicsOf(bench, id), [first]);
    },
  },
  {
    id: 'nics/unknown-things-are-not-found',
    title: 'An unknown machine is MACHINE.NOT_FOUND and an unknown network is NETWORK.NOT_FOUND.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { nics: members },
        call,
      } = bench;
      const nobody = machineId('no-such-machine-9f2c');
      await expectError(members.attach(nobody, { network: bench.network() }, call), 'MACHINE.NOT_FOUND');
      await expectError(members.detach(nobody, nicId('any'), call), 'MACHINE.NOT_FOUND');
      const { id } = await bench.machine();
      await expectError(members.attach(id, { network: networkId('no-such-network-9f2c') }, call), 'NETWORK.NOT_FOUND');
      expectEqual(await nicsOf(bench, id), []);
    },
  },
  {
    id: 'nics/detach-stopped',
    title: 'A detached nic is gone and the others stay.',
    requires: [],
    deadlineSeconds: 20,
    async run(bench) {
      const network = bench.network();
      const { id, nics: made } = await bench.machine({ nics: [{ network }, { network }] });
      await bench.driver.nics.detach(id, (made[0] as Nic).id, bench.call);
      expectEqual(await nicsOf(bench, id), made.slice(1));
    },
  },
  {
    id: 'nics/attach-running',
    title: 'A nic attached to a running machine is there at once, and still after the next start.',
    requires: ['nics.attachRunning'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { nics: members, power },
        call,
      } = bench;
      const { id } = await bench.runningMachine();
      const { macAddress } = await members.attach(id, { network: bench.network() }, call);
      expectEqual(
        (await nicsOf(bench, id)).map((nic) => nic.macAddress),
        [macAddress],
      );
      await power.kill(id, call);
      await power.start(id, call);
      expectEqual(
        (await nicsOf(bench, id)).map((nic) => nic.macAddress),
        [macAddress],
      );
    },
  },
  {
    id: 'nics/guest-sees-plugging',
    title: 'The guest sees a nic with the right address come, and go again.',
    requires: ['nics.attachRunning', 'nics.detachRunning'],
    needsGuest: true,
    deadlineSeconds: 90,
    async run(bench) {
      const {
        driver: { nics: members },
        call,
      } = bench;
      const {
        machine: { id },
        says,
      } = await bench.sharedGuest();
      const before = (await nicsOf(bench, id)).length;
      const nic = await members.attach(id, { network: bench.network() }, call);
      await says?.next('the guest to see the nic', (line) => GUEST_SAYS.cameNic.exec(line)?.[1] === nic.macAddress);
      await members.detach(id, nic.id, call);
      await says?.next('the guest to miss the nic', (line) => GUEST_SAYS.goneNic.test(line));
      assert.equal((await nicsOf(bench, id)).length, before);
    },
  },
  {
    id: 'nics/attach-running-is-refused-before-change',
    title:
      'Where nics cannot be attached to running machines, trying is refused with a capability error and changes nothing.',
    requires: [],
    lacks: ['nics.attachRunning'],
    deadlineSeconds: 30,
    async run(bench) {
      const { id } = await bench.runningMachine();
      const attach = bench.driver.nics.attach(id, { network: bench.network() }, bench.call);
      await expectError(attach, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      expectEqual(await nicsOf(bench, id), []);
    },
  },
  {
    id: 'nics/link-state',
    title: 'The cable of a nic is pulled and put in, stopped and running, and an unknown nic is NIC.NOT_FOUND.',
    requires: ['nics.linkState'],
    deadlineSeconds: 40,
    async run(bench) {
      const {
        driver: { nics: members, power },
        call,
      } = bench;
      const { id, nics: made } = await bench.machine({ nics: [{ network: bench.network(), linkUp: false }] });
      const { id: nic, linkUp } = made[0] as Nic;
      assert.equal(linkUp, false);
      assert.equal((await members.setLink?.(id, nic, true, call))?.linkUp, true);
      await power.start(id, call);
      assert.equal((await members.setLink?.(id, nic, false, call))?.linkUp, false);
      assert.equal((await nicsOf(bench, id))[0]?.linkUp, false);
      await expectError(Promise.resolve(members.setLink?.(id, nicId('no-such-nic-9f2c'), true, call)), 'NIC.NOT_FOUND');
    },
  },
  {
    id: 'nics/limits',
    title: 'Limits of a nic are set, told, changed and removed.',
    requires: ['nics.bandwidthLimit'],
    deadlineSeconds: 20,
    async run(bench) {
      const limits = { receive: bitsPerSecond(81_920_000), send: bitsPerSecond(8_192_000) };
      const { id, nics: made } = await bench.machine({ nics: [{ network: bench.network(), limits }] });
      expectEqual(made[0]?.limits, limits);
      const removed = await bench.driver.nics.setLimits?.(id, (made[0] as Nic).id, {}, bench.call);
      expectEqual([removed?.limits ?? {}, (await nicsOf(bench, id))[0]?.limits ?? {}], [{}, {}]);
    },
  },
];
