import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, newInstanceId, openImageCache } from '@virt-drivers/compute';
import { mebibytes, poolId } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { guestImage } from '@virt-drivers/guest-image';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { FILLED, guestOf, imageOf, volumesOf } from '../real-guest.mjs';

const real = await requirePeer(async () => {
  const image = await guestImage();
  const peers = [await startLibvirt({ name: 'formats-a', tcp: true })];
  peers.push(
    await startLibvirt({ name: 'formats-b', tcp: true }).catch(async (error) => {
      await peers[0].stop();
      throw error;
    }),
  );
  return { image, peers };
});

const MIB = 1_048_576;
const LARGER = {
  root: mebibytes(320),
  ephemerals: [mebibytes(24), mebibytes(40)],
  swap: mebibytes(48),
};

/** Disks of every kind in each format: the guest says how large they are and what they hold, the host what all bytes are. */
describeWith('disks in every format', real, (real) => {
  afterAll(() => Promise.all(real.peers.map((peer) => peer.stop())));

  describe.each([
    ['raw', 'qcow2'],
    ['parallels', 'qcow2'],
    ['raw', 'parallels'],
    ['qcow2', 'raw'],
  ])('an instance whose disks are %s, and then %s', (format, other) => {
    const instanceId = newInstanceId();
    const sides = [];
    let directory;
    let at = 0;
    const here = () => sides[at];
    const guest = guestOf(instanceId, here);

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'virt-formats-'));
      const gate = { cache: await openImageCache(directory) };
      for (const { tcp } of real.peers) {
        const driver = await libvirt.open({ target: tcp.uri, options: { migrationAddress: '127.0.0.1' } });
        sides.push({ driver, compute: createCompute(driver, { gate }) });
      }
      await here().compute.spawn({
        instanceId,
        name: `formats ${format}`,
        cpu: { count: 1 },
        memory: { sizeBytes: mebibytes(192) },
        image: imageOf(real.image),
        root: { sizeBytes: mebibytes(256), format },
        ephemerals: [
          { sizeBytes: mebibytes(16), format },
          { sizeBytes: mebibytes(32), format },
        ],
        swap: { sizeBytes: mebibytes(32), format },
      });
      await guest.up();
      await guest.fill('eph0');
      await guest.sh('yes second | head -c 33554432 > /dev/$(disk eph1); echo first > /data/mark; sync');
    });
    afterAll(async () => {
      await Promise.all(sides.map(({ driver }) => driver.close()));
      if (directory) await rm(directory, { recursive: true });
    });

    const SECOND = createHash('sha256')
      .update('second\n'.repeat((32 * MIB) / 7 + 1).slice(0, 32 * MIB))
      .digest('hex');
    const second = () =>
      guest.sh("echo 3 > /proc/sys/vm/drop_caches; head -c 33554432 /dev/$(disk eph1) | sha256sum | cut -d' ' -f1");
    const sizes = async () => {
      const all = [];
      for (const part of ['root', 'eph0', 'eph1', 'swap']) all.push((await guest.size(part)) / MIB);
      return all;
    };
    const formats = async () => (await here().compute.show(instanceId)).record.disks.map((disk) => disk.format);
    /** What every disk holds, read by the host while the machine is off. */
    async function contents() {
      await here().compute.power.stop(instanceId);
      const { record } = await here().compute.show(instanceId);
      const sums = {};
      for (const { role, serial, volume } of record.disks) {
        const hash = createHash('sha256');
        for await (const piece of here().driver.volumes.export({ pool: poolId(volume.pool), key: volume.key }))
          hash.update(piece);
        sums[`${role} ${serial}`] = hash.digest('hex');
      }
      return sums;
    }
    const start = async () => {
      await here().compute.power.start(instanceId);
      await guest.up();
    };
    /** What was written before is on the disks, as the guest reads them. */
    async function expectKept() {
      expect([await guest.sum('eph0'), await second(), await guest.sh('cat /data/mark')]).toEqual([
        FILLED,
        SECOND,
        'first',
      ]);
    }

    it('resize: the guest sees the new sizes and the old content; reverted, the old sizes', async () => {
      await here().compute.resize(instanceId, LARGER);
      await guest.up();
      expect(await sizes()).toEqual([320, 24, 40, 48]);
      await expectKept();
      expect(await formats()).toEqual(Array(4).fill(format));
      await guest.sh('echo lost > /data/mark; head -c 1048576 /dev/zero > /dev/$(disk eph1); sync');
      await here().compute.revertResize(instanceId);
      await guest.up();
      expect(await sizes()).toEqual([256, 16, 32, 32]);
      await expectKept();
    });

    it('resize, confirmed: the new disks stay', async () => {
      await here().compute.resize(instanceId, LARGER);
      await guest.up();
      await here().compute.confirmResize(instanceId);
      expect(await sizes()).toEqual([320, 24, 40, 48]);
      await expectKept();
    });

    it(`swap: every disk becomes ${other}, byte for byte`, async () => {
      const before = await contents();
      const { record } = await here().compute.show(instanceId);
      for (const { volume } of record.disks)
        await here().compute.swapVolume(instanceId, { pool: poolId(volume.pool), key: volume.key }, { format: other });
      expect(await formats()).toEqual(Array(4).fill(other));
      expect(await contents()).toEqual(before);
      await start();
      await expectKept();
    });

    it.each(['coldMigrate', 'migrate'])('a move by %s: every byte is there, nothing stays behind', async (flow) => {
      const before = await contents();
      const [source, destination] = [here(), sides[1 - at]];
      const move = () => source.compute[flow](instanceId, destination.driver, {}, {});
      // What QEMU does not migrate goes by a copy of its disks only; refused, it stays whole where it is.
      if (flow === 'migrate' && other === 'parallels') {
        await expect(move()).rejects.toMatchObject({ code: 'MIGRATION.INCOMPATIBLE' });
        expect(await volumesOf(destination.driver, instanceId)).toEqual([]);
        expect(await contents()).toEqual(before);
        return;
      }
      await move();
      at = 1 - at;
      expect(await volumesOf(source.driver, instanceId)).toEqual([]);
      expect(await contents()).toEqual(before);
      expect(await formats()).toEqual(Array(4).fill(other));
      await start();
      expect(await sizes()).toEqual([320, 24, 40, 48]);
      await expectKept();
    });

    it('destroy: nothing is left', async () => {
      await here().compute.destroy(instanceId);
      for (const { driver } of sides) expect(await volumesOf(driver, instanceId)).toEqual([]);
    });
  });
});
