import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytes, mebibytes, poolId, type OpenDriver } from '@virt-drivers/core';
import { requirePeer, runCommand, startLabMachine } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { bootableGuest } from '../backends/boot.js';
import { contentOf, copy, digestOf, fill, MIB, noise, readVolume } from '../backends/content.js';
import { describeEncryptedBlocks } from '../backends/encrypted-blocks.js';
import { describeBackend, type Ground } from '../backends/suite.js';
import { definePools } from '../lab/lab-pools.js';
import { describeWith } from '@virt-drivers/peers/jest';

const EXTENT = 4n * MIB;
const LONG = 600_000;

const lab = await requirePeer(async () => {
  const machine = await startLabMachine({ disks: [3 * 1024 ** 3] });
  await definePools(machine);
  return machine;
});

afterAll(() => lab?.stop(), 120_000);

const open = async (): Promise<OpenDriver> =>
  driver.open({ target: lab?.uri ?? '', options: { virtType: 'qemu', connectSeconds: 120 } });

const ground = async (): Promise<Ground> => {
  const here = await open();
  // An emulated machine in an emulated machine takes its time.
  const guest = { ...(await bootableGuest()), seconds: 480 };
  return { driver: here, pool: poolId('machines'), guest, stop: () => here.close() };
};

describeWith('logical volumes', lab, (lab) => {
  describeBackend('logical volumes', ground, {
    format: 'raw',
    continues: false,

    growsOnline: false,
    thick: false,
    unit: EXTENT,
  });

  describeEncryptedBlocks(ground, {
    grows: false,
    head: ({ key }) => lab.exec(`head -c 4 '/dev/machines/${key}'`),
  });

  describe('LVM itself', () => {
    const pool = poolId('machines');
    let here: OpenDriver;
    const volumes = async () => (await lab.exec('lvs --noheadings -o lv_name machines')).split(/\s+/).filter(Boolean);
    const refresh = () => runCommand('virsh', ['-c', lab.uri, 'pool-refresh', 'machines']);

    beforeAll(async () => (here = await open()), 120_000);
    afterAll(() => here.close());

    it(
      'has volumes whose blocks were somebody else’s, and gives them out as zeros',
      async () => {
        const before = await volumes();
        await lab.exec(`
        lvcreate -q -y -L 64M -n secret machines
        dd if=/dev/urandom of=/dev/machines/secret bs=1M count=64 status=none; lvremove -q -y machines/secret`);
        const made = await here.volumes.create({ pool, name: 'fresh', sizeBytes: mebibytes(16) });
        expect(digestOf(await readVolume(here, made.id))).toBe(digestOf(Buffer.alloc(Number(16n * MIB))));
        await here.volumes.delete(made.id);
        const short = await fill(here, {
          pool,
          name: 'short',
          content: contentOf(noise(512, 's')),
          sizeBytes: mebibytes(8),
        });
        const whole = Buffer.concat([noise(512, 's'), Buffer.alloc(Number(8n * MIB) - 512)]);
        expect(digestOf(await readVolume(here, short.id))).toBe(digestOf(whole));
        await here.volumes.delete(short.id);
        expect(await volumes()).toEqual(before);
      },
      LONG,
    );

    it(
      'has snapshots that others made: they are read, copied, and keep their origin',
      async () => {
        const data = noise(Number(EXTENT), 'origin');
        const origin = await fill(here, { pool, name: 'origin', content: contentOf(data) });
        await lab.exec('lvcreate -q -y -s -L 8M -n earlier machines/origin');
        await refresh();
        const earlier = await here.volumes.get({ pool, key: 'earlier' });
        expect(earlier.base).toEqual(origin.id);
        const full = await copy(here, { pool, name: 'full', source: earlier.id });
        expect(digestOf((await readVolume(here, full.id)).subarray(0, data.length))).toBe(digestOf(data));
        await expect(here.volumes.delete(origin.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
        for (const id of [full.id, earlier.id, origin.id]) await here.volumes.delete(id);
        expect(await volumes()).toEqual(['thinpool']);
      },
      LONG,
    );

    it(
      'that is full says so, and keeps nothing',
      async () => {
        const before = await volumes();
        const sizeBytes = bytes(1n << 43n);
        await expect(here.volumes.create({ pool, name: 'huge', sizeBytes })).rejects.toMatchObject({
          code: 'POOL.FULL',
        });
        expect(await volumes()).toEqual(before);
      },
      LONG,
    );

    it.each([
      ['before the copy is whole', 'lvcreate -q -y -L 8M -n vd-grow+one machines'],
      ['when the volume is gone', 'lvrename -q machines one vd-grow+one; lvextend -q -L 8M machines/vd-grow+one'],
      [
        'while it is filled again',
        `lvrename -q machines one vd-grow+one; lvextend -q -L 8M machines/vd-grow+one
         lvcreate -q -y -L 8M -n one machines; dd if=/dev/urandom of=/dev/machines/one bs=1M count=8 status=none`,
      ],
    ])(
      'keeps the content of a volume whose growth was interrupted %s',
      async (_, interrupted) => {
        const data = noise(Number(4n * MIB), 'grown');
        const made = await fill(here, { pool, name: 'one', content: contentOf(data) });
        await lab.exec(interrupted);
        await refresh();
        const found = await here.volumes.get(made.id);
        const grown = await here.volumes.grow(made.id, mebibytes(12));
        expect(found.sizeBytes).toBeGreaterThanOrEqual(made.sizeBytes);
        expect(grown.sizeBytes).toBe(mebibytes(12));
        expect(digestOf((await readVolume(here, made.id)).subarray(0, data.length))).toBe(digestOf(data));
        await here.volumes.delete(made.id);
        expect(await volumes()).toEqual(['thinpool']);
      },
      LONG,
    );
  });
});
