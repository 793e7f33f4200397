import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mebibytes, Secret } from '@virt-drivers/core';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { BLOCK, NOTHING, startLabHost, until } from '../lab/lab-host.js';
import { INITIATOR } from '../lab/lab-target.js';

const LONG = 300_000;
const host = await requirePeer(startLabHost);

afterAll(() => host?.stop(), 120_000);

describeWith('units by the host’s initiator', host, (host) => {
  const { lab, target, open, facet, machine, virsh, unit, newMachine, attach, refused, write, device, kept } = host;
  const { account, portals } = target;

  it('tells the name that the owner of a target lets in', async () => {
    const [host] = await open.hosts.list().all();
    expect(await facet.initiator(host!.id)).toMatchObject({ iscsiName: INITIATOR });
  });

  it(
    'who is not let in, and what is not there, is told; nothing is left',
    async () => {
      const chap = { user: account.user, password: new Secret('not-the-word-1') };
      expect(await refused(unit(1, { chap }))).toBe('ACCESS.DENIED');
      expect(await refused(unit(77))).toBe('VOLUME.NOT_FOUND');
      expect(await refused(unit(1, { portals: [{ host: '10.99.0.1', port: 9 }] }))).toBe('POOL.UNAVAILABLE');
      expect(await refused(unit(1, { initiator: 'iqn.2026-01.invalid.example:other' }))).toBe('CAPABILITY.ABSENT');
      expect(await kept()).toEqual(NOTHING);
      expect((await open.machines.get(machine.id)).disks).toEqual([]);
    },
    LONG,
  );

  it(
    'several portals, no multipath: the first that answers',
    async () => {
      const [, second] = portals;
      const disk = await attach(unit(1, { portals: [{ host: '10.99.0.1', port: 9 }, second] }));
      expect((await kept()).sessions).toEqual(['10.99.0.2']);
      await facet.detach(machine.id, disk.id);
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  // No adapter of a fabric is at hand: a disk of the lab machine has the name that udev gives to such units.
  it(
    'Fibre Channel (simulated): the disk is the device by path of one of the ports',
    async () => {
      await lab.exec(`
        echo 'KERNEL=="vdb", SYMLINK+="disk/by-path/pci-0000:05:00.0-fc-0x50060160abcd0001-lun-7"' >/etc/udev/rules.d/99-fabric.rules
        udevadm control --reload; udevadm trigger --action=change /dev/vdb; udevadm settle`);
      const wwpns = ['50:06:01:60:ab:cd:00:09', '50:06:01:60:AB:CD:00:01'];
      const disk = await attach({ protocol: 'fibreChannel', wwpns, lun: 7 });
      expect(await device(machine.id)).toBe('/dev/disk/by-path/pci-0000:05:00.0-fc-0x50060160abcd0001-lun-7');
      await write(disk.id, 'f8');
      expect(await lab.exec('head -c 4 /dev/vdb | od -An -tx1')).toBe(' f8 f8 f8 f8\n');
      expect(await refused({ protocol: 'fibreChannel', wwpns, lun: 8 })).toBe('VOLUME.NOT_FOUND');
      expect(await refused({ protocol: 'fibreChannel', wwpns: ['5'], lun: 7 })).toBe('REQUEST.INVALID');
      await facet.detach(machine.id, disk.id);
    },
    LONG,
  );

  it(
    'multipath without a map is refused, and nothing is left',
    async () => {
      expect(await refused(unit(1, { multipath: true }))).toBe('CAPABILITY.CONDITION_UNMET');
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  it(
    'a unit that its owner grew is larger for the running machine',
    async () => {
      const disk = await attach(unit(2));
      await write(disk.id, 'd4');
      await expect(facet.extend(machine.id, disk.id, mebibytes(12))).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
      await target.growUnit(2, 12);
      expect((await facet.extend(machine.id, disk.id, mebibytes(12))).sizeBytes).toBe(mebibytes(12));
      expect(await target.head(2, BLOCK)).toBe('d4'.repeat(BLOCK));
      await facet.detach(machine.id, disk.id);
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  it(
    'a login serves all machines until the last one goes; a unit is one machine’s, or shared by all',
    async () => {
      const other = await newMachine('other');
      const own = await attach(unit(1));
      await expect(facet.attach(other.id, unit(1), {})).rejects.toMatchObject({
        code: 'VOLUME.IN_USE',
        heldBy: machine.id,
      });
      await facet.attach(other.id, unit(3), {});
      expect(await kept()).toEqual({ sessions: ['10.99.0.1'], pools: 1, secrets: 2 });
      await facet.detach(machine.id, own.id);
      expect(await kept()).toEqual({ sessions: ['10.99.0.1'], pools: 1, secrets: 1 });
      await open.machines.delete(other.id);
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  it(
    'a machine that starts after its host did has its unit again',
    async () => {
      const other = await newMachine('other');
      await facet.attach(other.id, unit(3), {});
      for (const pool of (await virsh('pool-list', '--name')).split('\n').filter((text) => text.startsWith('vd-')))
        await virsh('pool-destroy', pool);
      await until(async () =>
        (await virsh('nodedev-list', '--cap', 'storage')).split('\n').every((node) => !/IET/.test(node)),
      );
      await open.power.start(other.id);
      expect(await target.sessions()).toEqual(['10.99.0.1']);
      await open.machines.delete(other.id, { kill: true });
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  it(
    'swap: the machine goes on at another unit with the same content',
    async () => {
      const disk = await attach(unit(1));
      await write(disk.id, 'e5');
      const task = await facet.swap(machine.id, disk.id, unit(3));
      expect(await task.result()).toMatchObject({ id: disk.id });
      expect(await target.head(3, BLOCK)).toBe('e5'.repeat(BLOCK));
      await write(disk.id, 'f6');
      expect([await target.head(1, BLOCK), await target.head(3, BLOCK)]).toEqual([
        'e5'.repeat(BLOCK),
        'f6'.repeat(BLOCK),
      ]);
      expect(await device(machine.id)).toMatch(/-lun-3$/);
      await facet.detach(machine.id, disk.id);
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  describe('when the host is logged in by its administrator, at both portals', () => {
    beforeAll(() => target.logInByHand(), LONG);
    afterAll(() => target.logOutByHand(), LONG);

    it(
      'a unit that the target got later is found at both',
      async () => {
        await target.addUnit(4, 4);
        const disk = await attach(unit(4, { multipath: true }));
        await write(disk.id, 'd7');
        expect(await target.head(4, BLOCK)).toBe('d7'.repeat(BLOCK));
        await until(async () => (await target.mapOf(4)) === 2);
        await facet.detach(machine.id, disk.id);
      },
      LONG,
    );
  });
});
