import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mebibytes, poolId } from '@virt-drivers/core';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { contentOf, copy, fill, MIB, noise, tell, whole } from '../backends/content.js';
import { BLOCK, NOTHING, startLabHost, until } from './lab-host.js';
import { definePools } from './lab-pools.js';

// An emulated machine in an emulated machine takes its time.
const LONG = 600_000;
const host = await requirePeer(() => startLabHost([1024 ** 3]));

afterAll(() => host?.stop(), 120_000);

// One case of each kind, on one machine for all; the rest of them is in ../storage, for `npm run test:storage`.
describeWith('a host whose kernel has LVM, multipath and iSCSI', host, (host) => {
  const { lab, target, open, facet, machine, virsh, unit, attach, write, device, kept } = host;
  const { account, name } = target;

  describe('a volume group with a thin pool in it', () => {
    const pool = poolId('machines');
    const names = async () => (await lab.exec('lvs --noheadings -o lv_name machines')).split(/\s+/).filter(Boolean);

    beforeAll(() => definePools(lab), LONG);

    it(
      'has volumes that are filled, copied, grown and removed',
      async () => {
        const data = noise(Number(3n * MIB), 'content');
        const source = await fill(open, { pool, name: 'source', content: contentOf(data) });
        const full = await copy(open, { pool, name: 'full', source: source.id });
        await open.volumes.delete(source.id);
        expect((await open.volumes.grow(full.id, mebibytes(8))).sizeBytes).toBe(mebibytes(8));
        expect(await tell(open, full.id, data)).toEqual(whole(mebibytes(8)));
        expect(await lab.exec('lvs --noheadings -o lv_name,segtype machines/full')).toMatch(/^ *full +linear *\n$/);
        await open.volumes.delete(full.id);
        expect(await names()).toEqual(['thinpool']);
      },
      LONG,
    );

    // libvirt 9 lists no volume without a device of its own, which thin ones are.
    it(
      'keeps the thin volumes of others',
      async () => {
        await lab.exec(
          'lvcreate -q -y -V 64M --thinpool machines/thinpool -n thin; printf kept | dd of=/dev/machines/thin status=none',
        );
        await virsh('pool-refresh', 'machines');
        expect(await open.volumes.list(pool).all()).toEqual([]);
        const same = open.volumes.create({ pool, name: 'thin', sizeBytes: mebibytes(8) });
        await expect(same).rejects.toMatchObject({ code: 'HOST.FAILED' });
        await open.volumes.delete({ pool, key: 'thin' });
        expect(await lab.exec('head -c 4 /dev/machines/thin; lvremove -q -y machines/thin >/dev/null')).toBe('kept');
      },
      LONG,
    );

    it(
      'gets no thin volume, and who asks for one is told',
      async () => {
        const thin = { pool, name: 'thin', sizeBytes: mebibytes(8), provisioning: 'thin' } as const;
        await expect(open.volumes.create(thin)).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
        expect(await names()).toEqual(['thinpool']);
      },
      LONG,
    );
  });

  it(
    'a unit at one portal: the kernel logs in, QEMU writes to it, a second attach is the first, and detaching logs out',
    async () => {
      const disk = await attach(unit(1), { serial: 'one' });
      expect(disk).toMatchObject({ device: 'disk', serial: 'one', shared: false });
      expect(disk.volume).toBeUndefined();
      expect(await attach(unit(1), { serial: 'one' })).toEqual(disk);
      expect(await device(machine.id)).toBe(`/dev/disk/by-path/ip-10.99.0.1:3260-iscsi-${name}-lun-1`);
      expect(await kept()).toEqual({ sessions: ['10.99.0.1'], pools: 1, secrets: 1 });
      await write(disk.id, 'a1');
      expect(await target.head(1, BLOCK)).toBe('a1'.repeat(BLOCK));
      const shown = await virsh('dumpxml', '--security-info', machine.id);
      expect(shown).not.toContain(account.password);
      expect((await open.volumes.pools().all()).map((pool) => pool.name)).not.toContainEqual(
        expect.stringMatching(/^vd-/),
      );
      await facet.detach(machine.id, disk.id);
      await facet.detach(machine.id, disk.id);
      expect(await kept()).toEqual(NOTHING);
    },
    LONG,
  );

  describe('units that the host is logged in to by its administrator, at both portals', () => {
    const both = { sessions: ['10.99.0.1', '10.99.0.2'], pools: 0 };
    beforeAll(() => target.logInByHand(), LONG);
    afterAll(async () => {
      await target.logOutByHand();
      expect(await target.maps()).toEqual([]);
    }, LONG);

    it(
      'multipath: the disk is the map, which stays when a portal goes; the logins are left alone',
      async () => {
        const disk = await attach(unit(1, { multipath: true }));
        expect(await device(machine.id)).toMatch(/^\/dev\/disk\/by-id\/dm-uuid-mpath-/);
        expect(await kept()).toEqual({ ...both, secrets: 1 });
        expect(await target.mapOf(1)).toBe(2);
        await write(disk.id, 'b2');
        expect(await target.head(1, BLOCK)).toBe('b2'.repeat(BLOCK));
        await target.cut('10.99.0.2');
        await write(disk.id, 'c3');
        expect(await target.head(1, BLOCK)).toBe('c3'.repeat(BLOCK));
        await until(async () => (await target.mapOf(1)) === 1);
        await target.restore('10.99.0.2');
        await until(async () => (await target.mapOf(1)) === 2);
        await facet.detach(machine.id, disk.id);
        expect(await kept()).toEqual({ ...both, secrets: 0 });
      },
      LONG,
    );
  });
});
