import {
  CAPABILITY_MEMBERS,
  FACETS,
  Secret,
  type CapabilityName,
  type FacetName,
  type OpenDriver,
} from '@virt-drivers/core';
import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.js';
import { expectEqual } from '../expect-equal.js';
import { expectError } from '../expect-error.js';

const members = (facet: FacetName): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(CAPABILITY_MEMBERS[facet]);

function checkFacet(driver: OpenDriver, facet: FacetName): void {
  const keys = driver.capabilities[facet];
  const object: unknown = Reflect.get(driver, facet);
  assert.equal(
    driver.supports(facet),
    keys === undefined ? undefined : true,
    `supports('${facet}') disagrees with the capabilities`,
  );
  assert.equal(
    object !== undefined,
    keys !== undefined,
    `${facet} is ${object === undefined ? 'claimed but not there' : 'there but not claimed'}`,
  );
  for (const [key, names] of members(facet)) {
    const claimed = keys !== undefined && Object.hasOwn(keys, key);
    // The table's keys are the keys of the facet.
    assert.equal(
      driver.supports(`${facet}.${key}` as CapabilityName) !== undefined,
      claimed,
      `supports('${facet}.${key}') disagrees`,
    );
    for (const name of names) {
      const present = object !== undefined && typeof Reflect.get(object as object, name) === 'function';
      assert.equal(
        present,
        claimed,
        `${facet}.${name} is ${present ? 'there but not claimed' : 'claimed but not there'}`,
      );
    }
  }
}

const presence: readonly ConformanceCase[] = FACETS.map((facet) => ({
  id: `absence/${facet.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  title: `Of facet ${facet} exactly what the capabilities claim is there, and supports() agrees.`,
  requires: [],
  deadlineSeconds: 5,
  run: async ({ driver }) => checkFacet(driver, facet),
}));

const refusals: readonly ConformanceCase[] = [
  {
    id: 'absence/unknown-capability-is-undefined',
    title: 'A name that is no capability is not supported.',
    requires: [],
    deadlineSeconds: 5,
    async run({ driver }) {
      for (const name of ['nothing', 'machines.nothing', 'toString', 'machines.constructor', '']) {
        assert.equal(driver.supports(name as CapabilityName), undefined, `supports('${name}') is not undefined`);
      }
    },
  },
  {
    id: 'absence/uefi-is-refused',
    title: 'Where there is no UEFI firmware, asking for it is a capability error and makes no machine.',
    requires: [],
    lacks: ['machines.firmwareUefi'],
    deadlineSeconds: 20,
    async run(bench) {
      await expectError(
        bench.machine({ boot: { firmware: 'uefi' } }),
        'CAPABILITY.ABSENT',
        'CAPABILITY.CONDITION_UNMET',
      );
    },
  },
  {
    id: 'absence/secure-boot-is-refused',
    title: 'Where there is no secure boot, asking for it is a capability error and makes no machine.',
    requires: [],
    lacks: ['machines.secureBoot'],
    deadlineSeconds: 20,
    async run(bench) {
      const boot = { firmware: 'uefi', secureBoot: true } as const;
      await expectError(bench.machine({ boot }), 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
    },
  },
  {
    id: 'absence/rename-is-refused',
    title: 'Where machines cannot be renamed, trying is a capability error and the name stays.',
    requires: [],
    lacks: ['machines.rename'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id, name } = await bench.machine();
      const rename = bench.driver.machines.update(id, { name: bench.name('other') }, bench.call);
      await expectError(rename, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      assert.equal((await bench.driver.machines.get(id, bench.call)).name, name);
    },
  },
  {
    id: 'absence/resize-is-refused',
    title: 'Where machines cannot be resized, trying is a capability error and they stay as they are.',
    requires: [],
    lacks: ['machines.resizeCold', 'machines.resizeHot'],
    deadlineSeconds: 20,
    async run(bench) {
      const { id } = await bench.machine();
      const resize = bench.driver.machines.update(id, { cpu: { count: 2 } }, bench.call);
      await expectError(resize, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      assert.equal((await bench.driver.machines.get(id, bench.call)).cpu.count, 1);
    },
  },
  {
    id: 'absence/snapshot-memory-is-refused',
    title: 'Where snapshots keep no memory, asking for it is a capability error and takes none.',
    requires: ['snapshots'],
    lacks: ['snapshots.memory'],
    deadlineSeconds: 30,
    async run(bench) {
      const {
        driver: { snapshots },
        call,
      } = bench;
      const { id: volume } = await bench.volume();
      const { id } = await bench.runningMachine({ disks: [{ volume }] });
      const take = Promise.resolve(snapshots?.create(id, { name: 'x', memory: true }, call));
      await expectError(take, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      expectEqual(await snapshots?.list(id, call).all(), []);
    },
  },
  {
    id: 'absence/linked-clone-is-refused',
    title: 'Where volumes cannot be linked, asking for it is a capability error and makes no volume.',
    requires: ['volumes.fromVolume'],
    lacks: ['volumes.linkedClone'],
    deadlineSeconds: 30,
    async run(bench) {
      const { driver, call, pool } = bench;
      const { id: source } = await bench.volume();
      const make = async (): Promise<unknown> => {
        const task = await driver.volumes.createFromVolume?.(
          { pool: pool.id, name: bench.name(), source, mode: 'linked' },
          call,
        );
        return task?.result(call);
      };
      await expectError(make(), 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
    },
  },
  {
    id: 'absence/mutual-chap-is-refused',
    title: 'Where targets cannot be asked who they are, asking for it is a capability error and attaches nothing.',
    requires: ['remoteVolumes.iscsi'],
    lacks: ['remoteVolumes.mutualChap'],
    deadlineSeconds: 20,
    async run(bench) {
      const {
        driver: { machines, remoteVolumes },
        call,
      } = bench;
      const { id } = await bench.machine();
      const account = { user: 'account', password: new Secret('long-enough-1') };
      // An address for documentation (RFC 5737): it must not come to asking it.
      const portals = [{ host: '192.0.2.7', port: 3260 }];
      const connection = { protocol: 'iscsi', portals, target: 'iqn.2026-01.org.example:disk', lun: 1 } as const;
      const chap = { ...account, mutual: account };
      const attach = Promise.resolve(remoteVolumes?.attach(id, { ...connection, chap }, {}, call));
      await expectError(attach, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
      expectEqual((await machines.get(id, call)).disks, []);
    },
  },
  {
    id: 'absence/link-state-is-refused',
    title: 'Where the cable cannot be pulled, making a nic without link is a capability error and makes no machine.',
    requires: [],
    lacks: ['nics.linkState'],
    deadlineSeconds: 20,
    async run(bench) {
      const make = bench.machine({ nics: [{ network: bench.network(), linkUp: false }] });
      await expectError(make, 'CAPABILITY.ABSENT', 'CAPABILITY.CONDITION_UNMET');
    },
  },
];

export const absence: readonly ConformanceCase[] = [...presence, ...refusals];
