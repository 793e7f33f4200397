import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { BLOCK, startLabHost, until } from './lab-host.js';

const LONG = 300_000;
const host = await requirePeer(startLabHost);

afterAll(() => host?.stop(), 120_000);

describeWith('units that the host is logged in to by its administrator, at both portals', host, (host) => {
  const { target, facet, machine, unit, attach, write, device, kept } = host;
  beforeAll(() => target.logInByHand(), LONG);
  afterAll(async () => {
    await target.logOutByHand();
    expect(await target.maps()).toEqual([]);
  }, LONG);

  it(
    'multipath: the disk is the map, which stays when a portal goes; the logins are left alone',
    async () => {
      const both = { sessions: ['10.99.0.1', '10.99.0.2'], pools: 0 };
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
