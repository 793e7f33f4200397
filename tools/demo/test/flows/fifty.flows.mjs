import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, openImageCache } from '@virt-drivers/compute';
import { poolId } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { hostState, leftOn, NOTHING } from './host-leftovers.mjs';
import { stillSpec } from './still-instance.mjs';

const COUNT = 50;
const peer = await requirePeer(() => startLibvirt({ name: 'fifty' }));

/** Counts how often the bytes of an image are asked for. */
function countingImports(driver) {
  const counter = { opened: 0 };
  const ensure = (pool, image, options) =>
    driver.images.ensure(
      pool,
      {
        ...image,
        open: (call) => {
          counter.opened += 1;
          return image.open(call);
        },
      },
      options,
    );
  return { driver: { ...driver, images: { ...driver.images, ensure } }, counter };
}

describeWith('fifty instances at once', peer, (peer) => {
  let directory;
  let managers;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-fifty-'));
    const gate = { cache: await openImageCache(directory) };
    // Two managers of one host, as two processes would be: what one does is news to the other.
    managers = await Promise.all(
      [1, 2].map(async () => {
        const { driver, counter } = countingImports(await libvirt.open({ target: peer.uri }));
        return { driver, counter, compute: createCompute(driver, { gate }) };
      }),
    );
  });
  afterAll(async () => {
    await Promise.all((managers ?? []).map(({ driver }) => driver.close()));
    await peer.stop();
    if (directory) await rm(directory, { recursive: true });
  });
  const managerOf = (index) => managers[index % managers.length];
  const timed = async (work) => {
    const began = performance.now();
    const result = await work();
    return [result, ((performance.now() - began) / 1000).toFixed(1)];
  };

  it('are spawned with one import of their image, run all together, and leave nothing when they are destroyed', async () => {
    const specs = Array.from({ length: COUNT }, () => stillSpec());
    const [spawned, spawning] = await timed(() =>
      Promise.all(specs.map((spec, index) => managerOf(index).compute.spawn(spec))),
    );
    expect(spawned.filter(({ machine, record }) => machine.state !== 'running' || record.phase !== 'ready')).toEqual(
      [],
    );
    const running = await hostState(peer);
    const logs = running.volumes.filter((name) => name.endsWith('.console.log'));
    expect([running.machines.length, running.processes, logs.length]).toEqual([COUNT, COUNT, COUNT]);
    expect(running.volumes).toHaveLength(COUNT * 3 + logs.length);
    // The bytes and the record that names them; the lock of the import is gone.
    expect(running.images.map((name) => name.replace(/sha.*/, '')).sort()).toEqual([
      'default/vd-cached-',
      'default/vd-image-',
    ]);
    expect(managers.reduce((sum, { counter }) => sum + counter.opened, 0)).toBe(1);
    const [[first], [destroyed, destroying]] = [
      await managers[0].driver.images.list(poolId('default')).all(),
      await timed(() =>
        Promise.all(specs.map(({ instanceId }, index) => managerOf(index + 1).compute.destroy(instanceId))),
      ),
    ];
    console.log(`${COUNT} spawned in ${spawning} s, destroyed in ${destroying} s`);
    expect([first.users, destroyed.filter((had) => !had)]).toEqual([COUNT, []]);
    expect(await leftOn(peer)).toEqual(NOTHING);
    const [image] = await managers[1].driver.images.list(poolId('default')).all();
    expect(image.users).toBe(0);
    await managers[1].driver.images.remove(image.pool, image.checksum);
    expect(await hostState(peer)).toEqual({ ...NOTHING, images: [] });
  });

  it('are spawned and destroyed in one go, each at its own pace', async () => {
    await Promise.all(
      Array.from({ length: COUNT }, async (_, index) => {
        const spec = stillSpec({ ephemerals: [], swap: undefined });
        await managerOf(index).compute.spawn(spec);
        await managerOf(index + 1).compute.destroy(spec.instanceId);
      }),
    );
    expect(await leftOn(peer)).toEqual(NOTHING);
    for (const { compute } of managers) expect(await compute.reconcile()).toEqual([]);
  });
});
