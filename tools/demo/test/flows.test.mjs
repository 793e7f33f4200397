import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, newInstanceId, openImageCache } from '@virt-drivers/compute';
import { mebibytes, poolId } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { guestImage } from '@virt-drivers/guest-image';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { FILLED, guestOf, imageOf, volumesOf } from './real-guest.mjs';
import { describeWith } from '@virt-drivers/peers/jest';

const real = await requirePeer(async () => ({
  image: await guestImage(),
  peer: await startLibvirt({ name: 'flows' }),
}));

/** Flows on a real guest, which is asked what it sees and what its disks hold. */
describeWith('changes of a real guest', real, (real) => {
  const instanceId = newInstanceId();
  let directory;
  let driver;
  let compute;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-flows-'));
    driver = await libvirt.open({ target: real.peer.uri });
    compute = createCompute(driver, { gate: { cache: await openImageCache(directory) } });
    await compute.spawn({
      instanceId,
      name: 'flows',
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(192) },
      image: image(),
      root: { sizeBytes: mebibytes(256) },
      ephemerals: [{ sizeBytes: mebibytes(16) }],
      swap: { sizeBytes: mebibytes(32) },
      configDrive: { metadata: { purpose: 'flows' } },
    });
    await up();
    await guest.fill('eph0');
    await sh('echo first > /data/mark; sync');
  });
  afterAll(async () => {
    await driver?.close();
    await real?.peer.stop();
    if (directory) await rm(directory, { recursive: true });
  });

  const image = () => imageOf(real.image);
  const guest = guestOf(instanceId, () => ({ driver, compute }));
  const { up, sh, size } = guest;
  const ephemeral = () => guest.sum('eph0');
  const volumes = () => volumesOf(driver, instanceId);
  const wish = {
    cpu: { count: 2 },
    memory: { sizeBytes: mebibytes(256) },
    root: mebibytes(320),
    ephemerals: [mebibytes(24)],
    swap: mebibytes(48),
  };

  it('resize: the guest sees the new sizes and the old content', async () => {
    await compute.resize(instanceId, wish);
    await up();
    expect([await size('root'), await size('eph0'), await size('swap')]).toEqual([335_544_320, 25_165_824, 50_331_648]);
    expect(await ephemeral()).toBe(FILLED);
    expect(await sh('cat /data/mark; nproc')).toBe('first\n2');
    expect(await volumes()).toEqual(
      ['config', 'ephemeral0', 'ephemeral0.2', 'root', 'root.2', 'swap', 'swap.2'].map((part) => `I-${part}`),
    );
  });

  it('revert: the old sizes, and what was written since is gone', async () => {
    await sh('echo second > /data/mark; head -c 1048576 /dev/zero > /dev/$(disk eph0); sync');
    await compute.revertResize(instanceId);
    await up();
    expect([await size('root'), await size('eph0'), await size('swap')]).toEqual([268_435_456, 16_777_216, 33_554_432]);
    expect(await ephemeral()).toBe(FILLED);
    expect(await sh('cat /data/mark; nproc')).toBe('first\n1');
    expect(await volumes()).toEqual(['config', 'ephemeral0', 'root', 'swap'].map((part) => `I-${part}`));
  });

  it('confirm: the old disks go, and the guest runs on', async () => {
    await compute.resize(instanceId, wish);
    await up();
    const boot = await sh('cat /proc/sys/kernel/random/boot_id');
    await compute.confirmResize(instanceId);
    expect(await sh('cat /proc/sys/kernel/random/boot_id')).toBe(boot);
    expect(await ephemeral()).toBe(FILLED);
    expect(await volumes()).toEqual(['config', 'ephemeral0.2', 'root.2', 'swap.2'].map((part) => `I-${part}`));
  });

  it('extend: a running guest sees it', async () => {
    const { record } = await compute.show(instanceId);
    const { pool, key } = record.disks.find(({ role }) => role === 'ephemeral').volume;
    await compute.extendVolume(instanceId, { pool: poolId(pool), key }, mebibytes(32));
    expect(await size('eph0')).toBe(33_554_432);
    expect(await ephemeral()).toBe(FILLED);
  });

  it('swap: the disk holds the same in another format', async () => {
    const { record } = await compute.show(instanceId);
    const { pool, key } = record.disks.find(({ role }) => role === 'ephemeral').volume;
    const { instance } = await compute.swapVolume(instanceId, { pool: poolId(pool), key }, { format: 'raw' });
    await up();
    expect(instance.record.disks.find(({ role }) => role === 'ephemeral').format).toBe('raw');
    expect(await ephemeral()).toBe(FILLED);
    expect(await volumes()).toEqual(['config', 'ephemeral0.3', 'root.2', 'swap.2'].map((part) => `I-${part}`));
  });

  it('image: as of one moment, and the guest goes on where it was', async () => {
    const boot = await sh('cat /proc/sys/kernel/random/boot_id');
    const hash = createHash('sha256');
    let size = 0;
    await compute.saveImage(
      instanceId,
      async ({ content }) => {
        for await (const piece of content) {
          hash.update(piece);
          size += piece.length;
        }
      },
      { quiesce: true },
    );
    expect(size).toBe(335_544_320);
    const { volume } = await compute.createImage(instanceId, { name: 'golden' });
    expect(volume).toMatchObject({ name: 'golden', sizeBytes: 335_544_320n });
    expect(volume.base).toBeUndefined();
    await driver.volumes.delete(volume.id);
    expect(await sh('cat /proc/sys/kernel/random/boot_id')).toBe(boot);
  });

  it('rescue and unrescue: another root in front, and the own disks untouched', async () => {
    await compute.rescue(instanceId, { image: image() });
    await up();
    expect(await sh('disk rescue; disk root')).toBe('vda\nvdb');
    expect(await ephemeral()).toBe(FILLED);
    await expect(compute.resize(instanceId, wish)).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
    await compute.unrescue(instanceId);
    await up();
    expect(await sh('disk root; cat /data/mark')).toBe('vda\nfirst');
    expect(await volumes()).toEqual(['config', 'ephemeral0.3', 'root.2', 'swap.2'].map((part) => `I-${part}`));
  });

  it('rebuild: a new root, and the ephemeral disk kept', async () => {
    await compute.rebuild(instanceId, { image: image(), keepEphemerals: true });
    await up();
    expect(await sh('cat /data/mark 2>/dev/null || echo none')).toBe('none');
    expect(await ephemeral()).toBe(FILLED);
    expect(await size('root')).toBe(335_544_320);
  });

  it('destroy: nothing is left', async () => {
    await compute.destroy(instanceId);
    expect(await volumes()).toEqual([]);
    expect(await driver.machines.list().all()).toEqual([]);
  });
});
