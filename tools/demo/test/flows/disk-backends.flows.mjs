import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, newInstanceId, openImageCache } from '@virt-drivers/compute';
import { mebibytes, poolId } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { guestImage } from '@virt-drivers/guest-image';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { filled, guestOf, imageOf, volumesOf } from '../real-guest.mjs';
import { filling, stillSpec } from './still-instance.mjs';
import { startCephHosts, startLogicalHost, stopAll } from './storage-hosts.mjs';

const ceph = await requirePeer(async () => {
  await guestImage();
  return { ...(await startCephHosts('disk-backends')), pool: 'ceph' };
});
const logical = await requirePeer(async () => ({ ...(await startLogicalHost('machines')), pool: 'machines' }));

const MIB = 1_048_576;

/** An endpoint and its instances, which end with the tests that it is opened for. */
function openedFor({ peers, hosts: [host] }, decorated = (driver) => driver) {
  const here = {};
  let directory;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-disk-backends-'));
    here.driver = decorated(await libvirt.open(host));
    here.compute = createCompute(here.driver, { gate: { cache: await openImageCache(directory) } });
  });
  afterAll(async () => {
    await here.driver?.close();
    await stopAll(peers);
    if (directory) await rm(directory, { recursive: true });
  });
  return here;
}

/** Of each disk, in order: its pool, its size in MiB and the digest of so many MiB of it, read by the host. The machine is off. */
async function contentsOf({ driver, compute }, instanceId, mebibytesOf) {
  const { record } = await compute.show(instanceId);
  const found = [];
  for (const [index, { volume }] of record.disks.entries()) {
    const hash = createHash('sha256');
    let left = mebibytesOf[index] * MIB;
    let size = 0;
    for await (const piece of driver.volumes.export({ pool: poolId(volume.pool), key: volume.key })) {
      hash.update(piece.subarray(0, left));
      left -= Math.min(left, piece.length);
      size += piece.length;
    }
    found.push({ pool: volume.pool, size: size / MIB, sum: hash.digest('hex') });
  }
  return found;
}
const wishFor = ([root, ephemeral, swap]) => ({
  root: mebibytes(root),
  ephemerals: [mebibytes(ephemeral)],
  swap: mebibytes(swap),
});

/** Resizes, reverts, resizes and confirms an instance that is off; all bytes are compared. It is gone afterwards. */
async function resizeAndBack(here, instanceId, { pool, sizes, larger }) {
  const before = await contentsOf(here, instanceId, sizes);
  expect(before.map((disk) => [disk.pool, disk.size])).toEqual(sizes.map((size) => [pool, size]));
  const resize = async () => {
    await here.compute.resize(instanceId, wishFor(larger));
    const after = await contentsOf(here, instanceId, sizes);
    expect(after.map((disk) => [disk.pool, disk.size])).toEqual(larger.map((size) => [pool, size]));
    // Swap is made anew.
    expect(after.slice(0, 2).map(({ sum }) => sum)).toEqual(before.slice(0, 2).map(({ sum }) => sum));
  };
  await resize();
  await here.compute.revertResize(instanceId);
  expect(await contentsOf(here, instanceId, sizes)).toEqual(before);
  await resize();
  await here.compute.confirmResize(instanceId);
  expect(await volumesOf(here.driver, instanceId)).toHaveLength(sizes.length);
  await here.compute.destroy(instanceId);
  expect(await volumesOf(here.driver, instanceId)).toEqual([]);
}

/** The guest of an instance on this ground is asked what a resize and its end did; it runs afterwards. */
async function resizeInGuest(here, guest, instanceId, { pool, sizes, larger, content }) {
  const [root, ephemeral, swap] = sizes.map((size) => ({ sizeBytes: mebibytes(size) }));
  const seen = async () => {
    const all = [];
    for (const part of ['root', 'eph0', 'swap']) all.push((await guest.size(part)) / MIB);
    return [all, await guest.sum('eph0'), await guest.sh('cat /data/mark')];
  };
  await here.compute.spawn({
    instanceId,
    name: 'backends',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(192) },
    pool: poolId(pool),
    image: imageOf(await guestImage()),
    root,
    ephemerals: [ephemeral],
    swap,
  });
  await guest.up();
  await guest.fill('eph0');
  await guest.sh('echo first > /data/mark; sync');
  await here.compute.resize(instanceId, wishFor(larger));
  await guest.up();
  expect(await seen()).toEqual([larger, content, 'first']);
  await guest.sh('echo lost > /data/mark; head -c 65536 /dev/zero > /dev/$(disk eph0); sync');
  await here.compute.revertResize(instanceId);
  await guest.up();
  expect(await seen()).toEqual([sizes, content, 'first']);
}

describeWith('disks in LVM', logical, (ground) => {
  const here = openedFor(ground, filling);
  const instanceId = newInstanceId();
  // Emulated in a machine that is emulated itself: a boot takes minutes.
  const guest = guestOf(instanceId, () => here, { seconds: 900, mebibytes: 1 });

  it('are as large as asked after a resize, and the old ones after a revert, byte for byte', async () => {
    const { pool } = ground;
    const sizes = [8, 4, 4];
    const [root, ephemeral, swap] = sizes.map((size) => ({ sizeBytes: mebibytes(size) }));
    const spec = stillSpec({ pool: poolId(pool), root, ephemerals: [ephemeral], swap, start: false });
    const { instanceId: still } = await here.compute.spawn(spec);
    await resizeAndBack(here, still, { pool, sizes, larger: [12, 8, 16] });
  });

  it('are larger to the guest after a resize, with all that it wrote, and the old ones after a revert', async () => {
    const { pool } = ground;
    await resizeInGuest(here, guest, instanceId, { pool, sizes: [64, 8, 8], larger: [96, 12, 16], content: filled(1) });
    await here.compute.destroy(instanceId);
    expect(await volumesOf(here.driver, instanceId)).toEqual([]);
  });
});

describeWith('disks in Ceph', ceph, (ground) => {
  const here = openedFor(ground);
  const instanceId = newInstanceId();
  const guest = guestOf(instanceId, () => here);
  const sizes = [256, 16, 32];
  const larger = [320, 24, 48];

  it('are larger to the guest after a resize, with all that it wrote, and the old ones after a revert', () =>
    resizeInGuest(here, guest, instanceId, { pool: ground.pool, sizes, larger, content: filled(16) }));

  it('hold the same, byte for byte, as the host reads them', async () => {
    await here.compute.power.stop(instanceId);
    await resizeAndBack(here, instanceId, { pool: ground.pool, sizes, larger });
  });
});
