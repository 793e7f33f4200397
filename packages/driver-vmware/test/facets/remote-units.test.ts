import { afterAll, afterEach, expect, test } from '@jest/globals';
import { bytes, hostId, Secret } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { inspect } from 'node:util';
import {
  iscsi,
  machinesOf,
  ownClient,
  remoteVolumesOf,
  SECRET,
  storageTargets,
  TARGET,
  traces,
  UNIT_BYTES,
  WWPN,
} from '../remote-world.js';
import { witnessedCenter } from '../simulated-center.js';

const center = await witnessedCenter({ poweredOn: false });
afterAll(() => center?.stop());

const CLUSTER = ['DC0_C0_H0', 'DC0_C0_H1', 'DC0_C0_H2'];
const PORTALS = ['192.0.2.10', '192.0.2.9'];

describeWith('units of storage systems', center, (center) => {
  const { driver, proxy, open } = center;
  const facet = remoteVolumesOf(driver);
  const machines = machinesOf(center);
  const { targets, mappings, notes, disks, systemOf } = traces(center);
  proxy.settings.storageTargets = storageTargets();
  afterEach(async () => {
    await machines.removeAll();
    for (const host of ['DC0_H0', ...CLUSTER]) expect(await targets(host)).toEqual([]);
    expect(await mappings()).toEqual([]);
    expect(await notes()).toBe(0);
    expect(proxy.refused).toEqual([]);
    proxy.settings.storageTargets = storageTargets();
  });

  test('a unit behind iSCSI is a raw device of the machine, for all hosts of its cluster, by all ways', async () => {
    const machine = await machines.make('DC0_C0');
    const disk = await facet.attach(machine.id, iscsi(1), {});
    expect(disk).toMatchObject({ device: 'disk', readOnly: false, sizeBytes: UNIT_BYTES });
    for (const host of CLUSTER) expect(await targets(host)).toEqual(PORTALS);
    expect(await targets('DC0_H0')).toEqual([]);
    expect(await disks(machine)).toMatch(/"compatibilityMode":\s*"virtualMode"/);
    expect(await mappings()).toHaveLength(1);
    expect(await facet.attach(machine.id, iscsi(1), {})).toEqual(disk);
    await expect(facet.attach(machine.id, iscsi(1), { readOnly: true })).rejects.toMatchObject({
      code: 'DISK.CONFLICT',
    });
    await facet.detach(machine.id, disk.id);
    expect(await mappings()).toEqual([]);
    for (const host of CLUSTER) expect(await targets(host)).toEqual([]);
    await facet.detach(machine.id, disk.id);
  });

  test('a target that proves who it is lets units in, another one does not, and one that is known is not taken on trust', async () => {
    const proof = { user: 'target', password: 'target-secret-1' };
    const asked = (password: string): ReturnType<typeof iscsi> => {
      const connection = iscsi(1);
      const { user, password: own } = connection.chap ?? { user: '', password: new Secret('') };
      return { ...connection, chap: { user, password: own, mutual: { ...proof, password: new Secret(password) } } };
    };
    proxy.settings.storageTargets = storageTargets().map((one) => ({ ...one, mutualChap: proof }));
    const machine = await machines.make('DC0_H0');
    const refused = facet.attach(machine.id, asked('of-somebody-else'), {});
    await expect(refused).rejects.toMatchObject({ code: 'POOL.UNAVAILABLE' });
    expect(inspect(await refused.catch((error: unknown) => error))).not.toContain('of-somebody-else');
    const disk = await facet.attach(machine.id, asked(proof.password), {});
    await facet.detach(machine.id, disk.id);
    const other = await facet.attach(machine.id, iscsi(2), {});
    await expect(facet.attach(machine.id, asked(proof.password), {})).rejects.toMatchObject({
      code: 'REQUEST.CONFLICT',
    });
    await facet.detach(machine.id, other.id);
  });

  test('the target stays as long as any machine has a unit of it there', async () => {
    const [one, two, far] = [
      await machines.make('DC0_C0'),
      await machines.make('DC0_C0'),
      await machines.make('DC0_H0'),
    ];
    const first = await facet.attach(one.id, iscsi(1), {});
    const second = await facet.attach(two.id, iscsi(2), {});
    await expect(facet.attach(far.id, iscsi(2), {})).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: two.id });
    expect(await targets('DC0_H0')).toEqual([]);
    await facet.detach(one.id, first.id);
    for (const host of CLUSTER) expect(await targets(host)).toEqual(PORTALS);
    await facet.detach(two.id, second.id);
  });

  test('what an administrator had told a host stays there', async () => {
    const machine = await machines.make('DC0_H0');
    const kept = { address: '192.0.2.9', port: 3260, iScsiName: TARGET };
    const vsphere = await ownClient(center);
    const system = { type: 'HostStorageSystem', value: (await systemOf('DC0_H0')).split(':')[1] ?? '' } as const;
    const request = { iScsiHbaDevice: 'vmhba65', targets: [kept] };
    await vsphere.invoke(system, 'AddInternetScsiStaticTargets', request);
    const disk = await facet.attach(machine.id, iscsi(1), {});
    expect(await targets('DC0_H0')).toEqual(PORTALS);
    await facet.detach(machine.id, disk.id);
    expect(await targets('DC0_H0')).toEqual(['192.0.2.9']);
    await vsphere.invoke(system, 'RemoveInternetScsiStaticTargets', request);
    await vsphere.close();
  });

  test('a secret that the system does not take: nothing is left, and nobody sees it', async () => {
    const machine = await machines.make('DC0_H0');
    const wrong = 'another-secret-of-ours';
    const error: unknown = await facet.attach(machine.id, iscsi(1, wrong), {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'POOL.UNAVAILABLE', stateAfter: 'unchanged' });
    for (const text of [wrong, SECRET]) {
      expect(inspect(error, { depth: 9 })).not.toContain(text);
      expect(inspect(proxy.requests, { depth: 9 })).not.toContain(text);
    }
    expect(await targets('DC0_H0')).toEqual([]);
    const echo = { kind: 'fault', type: 'HostConfigFault', message: `CHAP secret ${SECRET} is too long` } as const;
    proxy.faults.next('AddInternetScsiStaticTargets', echo);
    const told: unknown = await facet.attach(machine.id, iscsi(1), {}).catch((thrown: unknown) => thrown);
    expect(told).toMatchObject({ code: 'HOST.FAILED', message: expect.not.stringContaining(SECRET) });
    await expect(facet.attach(machine.id, iscsi(9), {})).rejects.toMatchObject({ code: 'VOLUME.NOT_FOUND' });
    await expect(
      facet.attach(machine.id, { ...iscsi(1), initiator: 'iqn.2026-01.org.example:other' }, {}),
    ).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    expect((await driver.machines.get(machine.id)).disks).toEqual([]);
  });

  test('a host without the software adapter says so', async () => {
    proxy.settings.storageTargets = [];
    const machine = await machines.make('DC0_H0');
    await expect(facet.attach(machine.id, iscsi(1), {})).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
      condition: { needs: 'host-feature' },
    });
  });

  test('a unit behind Fibre Channel, and one whose owner made it grow', async () => {
    const systems = storageTargets();
    proxy.settings.storageTargets = systems;
    const machine = await machines.make('DC0_H0');
    const disk = await facet.attach(
      machine.id,
      { protocol: 'fibreChannel', wwpns: [WWPN.replace(/(..)(?=.)/g, '$1:').toUpperCase()], lun: 7 },
      { bus: 'scsi' },
    );
    expect(disk).toMatchObject({ bus: 'scsi', sizeBytes: UNIT_BYTES });
    const larger = bytes(UNIT_BYTES * 2n);
    await expect(facet.extend(machine.id, disk.id, larger)).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    systems[1].units[0].sizeBytes = larger;
    expect(await facet.extend(machine.id, disk.id, larger)).toMatchObject({ id: disk.id, sizeBytes: larger });
    expect((await driver.machines.get(machine.id)).disks[0]).toMatchObject({ sizeBytes: larger });
    await expect(facet.extend(machine.id, disk.id, UNIT_BYTES as typeof larger)).rejects.toMatchObject({
      code: 'VOLUME.CANNOT_SHRINK',
    });
    await expect(
      facet.attach(machine.id, { protocol: 'fibreChannel', wwpns: ['0'.repeat(16)], lun: 7 }, {}),
    ).rejects.toMatchObject({ code: 'POOL.UNAVAILABLE' });
  });

  test('in physical mode a guest has the unit itself, and cannot be kept from writing', async () => {
    const physical = await open({ rawDevices: 'physical' });
    const machine = await machines.make('DC0_H0');
    const there = remoteVolumesOf(physical);
    await expect(there.attach(machine.id, iscsi(1), { readOnly: true })).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
    });
    await there.attach(machine.id, iscsi(1), {});
    expect(await disks(machine)).toMatch(/"compatibilityMode":\s*"physicalMode"/);
    await expect(there.attach(machine.id, iscsi(2), { bus: 'sata' })).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
      condition: { needs: 'bus' },
    });
  });

  test('a host tells its names; a cluster those of its hosts', async () => {
    const hosts = await driver.hosts.list().all();
    const named = (name: string) => hosts.find((one) => one.name === name)?.id ?? hostId('');
    expect(await facet.initiator(named('DC0_H0'))).toMatchObject({
      iscsiName: expect.stringMatching(/^iqn\./),
      wwpns: [expect.stringMatching(/^21/)],
    });
    expect((await facet.initiator(named('DC0_C0'))).wwpns).toHaveLength(3);
  });
});
