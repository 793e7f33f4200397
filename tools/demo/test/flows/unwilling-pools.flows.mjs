import { join } from 'node:path';
import { mebibytes, poolId } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { STOP } from './change-cases.mjs';
import { filesOf, hostState, leftOn, NOTHING } from './host-leftovers.mjs';
import { manageHost } from './managed-host.mjs';
import { filling, ownVolume, printOf, stillSpec } from './still-instance.mjs';

const peer = await requirePeer(() => startLibvirt({ name: 'unwilling' }));
const SIZES = { cpu: { count: 2 }, root: mebibytes(6), ephemerals: [mebibytes(3)], swap: mebibytes(2) };

describeWith('instances and pools that take nothing', peer, (peer) => {
  let side;
  beforeAll(async () => {
    side = await manageHost(peer.uri, filling);
  });
  afterAll(async () => {
    await side?.end();
    await peer.stop();
  });

  const placeOf = (name) => join(peer.directory, `pool-${name}`);
  /** A pool on a file system of its own, which the peer alone sees. */
  async function mountPool(name, mib) {
    await peer.exec('mkdir', ['-p', placeOf(name)]);
    await peer.exec('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=711`, 'tmpfs', placeOf(name)]);
    await peer.virsh(['pool-define-as', name, 'dir', '--target', placeOf(name)]);
    await peer.virsh(['pool-start', name]);
    return poolId(name);
  }
  async function unmountPool(name) {
    await peer.virsh(['pool-destroy', name]);
    await peer.virsh(['pool-undefine', name]);
    await peer.exec('umount', [placeOf(name)]);
  }
  const remount = (name, how) => peer.exec('mount', ['-o', `remount,${how}`, placeOf(name)]);
  const codeOf = (work) => work.then(() => 'done').catch(({ code, message }) => code ?? message);
  /** Images in a pool, all of which are of nobody. */
  async function removeImages(pool) {
    for (const { checksum } of await side.driver.images.list(pool).all())
      await side.driver.images.remove(pool, checksum);
  }

  it('a spawn that does not fit, whichever disk is too much, leaves nothing', async () => {
    // Room for nothing; for the lock and no image; for image and root, and no ephemeral disk.
    for (const mib of [1, 3, 6]) {
      const pool = await mountPool('small', mib);
      const ephemerals = [{ sizeBytes: mebibytes(4), format: 'raw' }];
      expect([mib, await codeOf(side.compute.spawn(stillSpec({ pool, ephemerals })))]).toEqual([mib, 'POOL.FULL']);
      expect(await leftOn(peer)).toEqual(NOTHING);
      expect(await side.compute.reconcile()).toEqual([]);
      await removeImages(pool);
      expect((await hostState(peer)).images).toEqual([]);
      await unmountPool('small');
    }
  });

  it('changes for which there is no room end as they began, and the instance runs on', async () => {
    const pool = await mountPool('full', 20);
    const none = await mountPool('none', 1);
    const { instanceId } = await side.compute.spawn(stillSpec({ pool }));
    const files = await filesOf(peer, instanceId);
    const before = await printOf(side, instanceId);
    await side.compute.power.start(instanceId);
    const root = await ownVolume(side.compute, instanceId, 'root');
    const ephemeral = await ownVolume(side.compute, instanceId, 'ephemeral');
    // Libvirt does not know of it, as it does not of what other programs write.
    const taken = join(placeOf('full'), 'taken');
    const { stdout } = await peer.exec('df', ['--output=avail', '-k', placeOf('full')]);
    await peer.exec('fallocate', ['-l', `${Number(stdout.split('\n')[1]) - 512}KiB`, taken]);
    const changes = {
      resize: () => side.compute.resize(instanceId, SIZES, STOP),
      swap: () => side.compute.swapVolume(instanceId, root, { pool: none, format: 'raw' }, STOP),
      image: () => side.compute.createImage(instanceId, { name: 'golden', pool: none }, STOP),
      'swap in place': () => side.compute.swapVolume(instanceId, ephemeral, { format: 'qcow2' }, STOP),
    };
    for (const [what, change] of Object.entries(changes)) {
      expect([what, await codeOf(change())]).toEqual([what, 'POOL.FULL']);
      expect([what, (await side.compute.show(instanceId)).machine.state]).toEqual([what, 'running']);
      expect([what, await side.compute.reconcile()]).toEqual([what, []]);
      expect([what, await filesOf(peer, instanceId)]).toEqual([what, [...files, 'full/taken'].sort()]);
    }
    // Reading what a disk with an image holds takes room, too.
    await peer.exec('rm', [taken]);
    expect(await printOf(side, instanceId)).toEqual(before);
    await side.compute.resize(instanceId, SIZES, STOP);
    await side.compute.destroy(instanceId);
    await removeImages(pool);
    for (const name of ['full', 'none']) await unmountPool(name);
    expect(await leftOn(peer)).toEqual(NOTHING);
  });

  it('a pool that may only be read keeps what it has, and a destruction that it refused is finished later', async () => {
    const pool = await mountPool('sealed', 24);
    const { instanceId } = await side.compute.spawn(stillSpec({ pool, start: false }));
    const files = await filesOf(peer, instanceId);
    const before = await printOf(side, instanceId);
    await remount('sealed', 'ro');
    const attempts = {
      spawn: () => side.compute.spawn(stillSpec({ pool })),
      resize: () => side.compute.resize(instanceId, SIZES, STOP),
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      expect([what, await codeOf(attempt())]).toEqual([what, 'POOL.UNAVAILABLE']);
      expect([what, await filesOf(peer, instanceId)]).toEqual([what, files]);
      expect([what, (await hostState(peer)).machines.length]).toEqual([what, 1]);
      expect([what, await side.compute.reconcile()]).toEqual([what, []]);
    }
    // libvirt may fail to give the files to QEMU's account, or leave it to QEMU to be denied them: that begins a log.
    expect(await codeOf(side.compute.power.start(instanceId))).toMatch(/^(POOL\.UNAVAILABLE|HOST\.FAILED)$/);
    const log = 'default/vd-machine.console.log';
    const begun = await filesOf(peer, instanceId);
    expect(begun.filter((name) => name !== log)).toEqual(files);
    await remount('sealed', 'rw');
    expect(await printOf(side, instanceId)).toEqual(before);
    await remount('sealed', 'ro');
    expect(await codeOf(side.compute.destroy(instanceId))).toBe('POOL.UNAVAILABLE');
    expect(await filesOf(peer, instanceId)).toEqual(begun);
    await remount('sealed', 'rw');
    expect(await side.compute.reconcile()).toEqual([{ instanceId, outcome: 'removed' }]);
    await removeImages(pool);
    await unmountPool('sealed');
    expect(await hostState(peer)).toEqual({ ...NOTHING, images: [] });
  });
});
