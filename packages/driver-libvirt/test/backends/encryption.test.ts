import { afterAll, describe, expect, it } from '@jest/globals';
import { mebibytes, poolId, Secret, type DiskFormat, type OpenDriver } from '@virt-drivers/core';
import { requirePeer, runCommand, startLibvirt } from '@virt-drivers/peers';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { driver } from '../../src/index.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt({ name: 'encryption' }));
const pool = poolId('default');
const key = new Secret('a key that is nowhere else');
const LONG = 300_000;

afterAll(() => peer?.stop(), 60_000);

const open = (): Promise<OpenDriver> =>
  driver.open({ target: peer?.uri ?? '', options: { virtType: 'qemu', graphics: 'none' } });

const inside = ({ encryption }: OpenDriver) => {
  if (!encryption?.createVolume || !encryption.unlockVolume || !encryption.lockVolume)
    throw new Error('No encryption.');
  const { createVolume, unlockVolume, lockVolume } = encryption;
  return { createVolume, unlockVolume, lockVolume };
};

describeWith('encrypted volumes', peer, (peer) => {
  describe.each<[DiskFormat, string]>([
    ['raw', 'luks'],
    ['qcow2', 'qcow2'],
  ])('an encrypted volume in %s', (format, container) => {
    it(
      'is LUKS on the disk, opens with its key alone, and is of no use while it is locked',
      async () => {
        const here = await open();
        const { createVolume, unlockVolume, lockVolume } = inside(here);
        const made = await createVolume({ pool, name: `secret-${format}`, format, sizeBytes: mebibytes(16) }, key);
        expect(made).toMatchObject({ name: `secret-${format}`, format, sizeBytes: mebibytes(16) });
        const file = join(peer.imagesDirectory, made.id.key);
        const told: unknown = JSON.parse((await runCommand('qemu-img', ['info', '--output=json', file])).stdout);
        expect(told).toMatchObject({ format: container, encrypted: true });
        expect((await here.volumes.find({ pool, name: `secret-${format}` }))?.id).toEqual(made.id);

        const machine = await here.machines.create({
          name: `user-${format}`,
          cpu: { count: 1 },
          memory: { sizeBytes: mebibytes(64) },
          boot: { firmware: 'bios' },
          disks: [{ volume: made.id }],
          nics: [],
        });
        await expect(here.power.start(machine.id)).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
        await expect(unlockVolume(made.id, new Secret('not the key'))).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
        await expect(here.power.start(machine.id)).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
        await unlockVolume(made.id, key);
        // A wrong key does not take the place of the right one.
        await expect(unlockVolume(made.id, new Secret('not the key'))).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
        await here.power.start(machine.id);
        await expect(lockVolume(made.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
        await here.power.kill(machine.id);
        expect((await here.volumes.grow(made.id, mebibytes(24))).sizeBytes).toBe(mebibytes(24));
        await lockVolume(made.id);
        await lockVolume(made.id);
        await expect(here.power.start(machine.id)).rejects.toMatchObject({ code: 'ACCESS.DENIED' });

        // Nothing that the host keeps has the key, and nothing is left in the end.
        const kept = await runCommand('grep', ['-rlaF', key.reveal(), peer.directory]).catch(() => undefined);
        expect(kept?.stdout.trim()).toBeUndefined();
        await unlockVolume(made.id, key);
        await here.machines.delete(machine.id, { withVolumesOf: machine.disks.map(({ id }) => id) });
        expect(await peer.virsh(['secret-list'])).not.toContain(made.id.key);
        await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
        await here.close();
      },
      LONG,
    );

    it(
      'is neither copied nor exported, and a plain volume has no key',
      async () => {
        const here = await open();
        const { createVolume, unlockVolume } = inside(here);
        const made = await createVolume({ pool, name: `kept-${format}`, format, sizeBytes: mebibytes(4) }, key);
        const copying = here.volumes.createFromVolume?.({ pool, name: 'copy', source: made.id });
        await expect(copying).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
        const first = here.volumes.export?.(made.id)[Symbol.asyncIterator]().next();
        await expect(first).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
        const plain = await here.volumes.create({ pool, name: `plain-${format}`, format, sizeBytes: mebibytes(4) });
        await expect(unlockVolume(plain.id, key)).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
        for (const { id } of [made, plain]) await here.volumes.delete(id);
        await here.close();
      },
      LONG,
    );
  });
});
