import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, openImageCache } from '@virt-drivers/compute';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { MOVE_CASES, STOP } from './change-cases.mjs';
import { runFlow } from './flow-process.mjs';
import { filesOf, leftOn, NOTHING } from './host-leftovers.mjs';
import { filling, printOf, stillSpec } from './still-instance.mjs';

const pair = await requirePeer(async () => {
  const home = await startLibvirt({ name: 'killed-home', tcp: true });
  const away = await startLibvirt({ name: 'killed-away', tcp: true }).catch(async (error) => {
    await home.stop();
    throw error;
  });
  return [home, away];
});

describeWith('a move whose process is killed', pair, (pair) => {
  let directory;
  const sides = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-killed-moves-'));
    const gate = { cache: await openImageCache(directory) };
    for (const peer of pair) {
      // The address is part of what an endpoint is: the process that is killed is given the same one.
      const options = { migrationAddress: '127.0.0.1' };
      const driver = filling(await libvirt.open({ target: peer.tcp.uri, options }));
      sides.push({ peer, driver, compute: createCompute(driver, { gate }) });
    }
  });
  afterAll(async () => {
    await Promise.all(sides.map(({ driver }) => driver.close()));
    await Promise.all(pair.map((peer) => peer.stop()));
    if (directory) await rm(directory, { recursive: true });
  });

  const run = (id, { name }, fatal) => runFlow(...pair.map(({ tcp }) => tcp.uri), directory, id, name, fatal);
  const placeOf = async (id) => ((await sides[1].driver.machines.find({ recordOwner: id })) ? 1 : 0);

  /** Each side learns of the other's moves; whichever comes first. */
  async function settle(order) {
    const results = [];
    for (const at of order)
      results.push(...(await sides[at].compute.reconcile({ ...STOP, peers: [sides[1 - at].driver] })));
    return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'busy');
  }

  /** Where the instance is whole, and what its disks hold; nothing of it may be on the other side. */
  async function whole(id) {
    const at = await placeOf(id);
    expect(await leftOn(sides[1 - at].peer)).toEqual(NOTHING);
    const print = await printOf(sides[at], id);
    return { where: ['here', 'there'][at], print, files: await filesOf(sides[at].peer, id) };
  }

  it.each(MOVE_CASES)('$name: after every step reconcile makes it whole on one side', async (one) => {
    const spawn = async () => (await sides[0].compute.spawn(stillSpec({ start: one.start }))).instanceId;
    const destroy = async (id) => {
      await sides[await placeOf(id)].compute.destroy(id);
      for (const { peer } of sides) expect(await leftOn(peer)).toEqual(NOTHING);
    };
    const first = await spawn();
    const before = await whole(first);
    if (one.start) await sides[0].driver.power.start((await sides[0].compute.show(first)).machine.id);
    const steps = await run(first, one, '');
    const after = await whole(first);
    expect([before.where, after.where]).toEqual(['here', 'there']);
    // Volumes that continued an image hold the same without it: their names and what is read of them tell.
    expect(after.print.disks).toEqual(before.print.disks);
    await destroy(first);
    const committed = steps.indexOf('commit record');
    for (const [index, step] of steps.entries()) {
      const id = await spawn();
      await run(id, one, step.replace(first, id));
      expect({ step, failed: await settle(index % 2 === 0 ? [0, 1] : [1, 0]) }).toEqual({ step, failed: [] });
      const { where, print, files } = await whole(id);
      expect({ step, print, files }).toEqual({ step, print: before.print, files: before.files });
      // Whether a move that nobody led any more came to its end is the hosts' to say.
      if (step !== 'move machine' && step !== 'check')
        expect({ step, where }).toEqual({ step, where: index >= committed ? 'there' : 'here' });
      await destroy(id);
    }
  });
});
