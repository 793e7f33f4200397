import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { CHANGE_CASES, dataVolume, OTHER_POOL, removeData, STOP } from './change-cases.mjs';
import { runFlow } from './flow-process.mjs';
import { filesOf, leftOn, NOTHING } from './host-leftovers.mjs';
import { manageHost } from './managed-host.mjs';
import { filling, printOf, stillSpec } from './still-instance.mjs';

const peer = await requirePeer(() => startLibvirt({ name: 'killed' }));

describeWith('a change whose process is killed', peer, (peer) => {
  let side;
  beforeAll(async () => {
    const other = join(peer.directory, 'other-images');
    await peer.exec('install', ['-d', '-m', '711', other]);
    await peer.virsh(['pool-define-as', OTHER_POOL, 'dir', '--target', other]);
    await peer.virsh(['pool-start', OTHER_POOL]);
    side = await manageHost(peer.uri, filling);
  });
  afterAll(async () => {
    await side?.end();
    await peer.stop();
  });

  async function spawn({ start, prepare }) {
    const instanceId = randomUUID();
    const data = await dataVolume(side.driver);
    await side.compute.spawn(stillSpec({ instanceId, start }));
    await prepare?.(side.compute, instanceId, data, STOP);
    return instanceId;
  }
  /** The instance with all that belongs to it goes; nothing of anybody may be left, and no lock or half a copy. */
  async function destroy(instanceId) {
    await side.compute.destroy(instanceId);
    await removeData(side.driver);
    expect(await leftOn(peer)).toEqual(NOTHING);
  }
  const run = (id, { name }, fatal) => runFlow(peer.uri, '', side.directory, id, name, fatal);
  const print = (id) => printOf(side, id);
  /** As it was: what is compared, and the machine on again if it was. */
  async function stateOf(id, { start }) {
    const state = { print: await print(id), files: await filesOf(peer, id) };
    if (start) await side.driver.power.start((await side.compute.show(id)).machine.id);
    return state;
  }

  it.each(CHANGE_CASES)('$name: after every step reconcile makes it the old state or the new one', async (one) => {
    const first = await spawn(one);
    const before = await stateOf(first, one);
    const steps = await run(first, one, '');
    const after = await stateOf(first, one);
    expect([steps.at(0), steps.at(-1), before.print.phase, after.print.phase]).toEqual([
      'mark record',
      'finish record',
      'ready',
      'ready',
    ]);
    expect(after).not.toEqual(before);
    await destroy(first);
    const named = (step, id) => step.replace(first, id);
    const committed = steps.indexOf('commit record');
    // Growing cannot be taken back: whatever comes of the change, the disk is larger, and the record says so.
    const changed = steps.findIndex((step) => step === 'commit record' || step.startsWith('grow '));
    let id;
    for (const [index, step] of steps.entries()) {
      id ??= await spawn(one);
      await run(id, one, named(step, id));
      const outcomes = (await side.compute.reconcile(STOP)).map(({ outcome, error }) => error ?? outcome);
      const last = index === steps.length - 1;
      const expected = last ? [] : [index >= committed ? 'finished' : 'restored'];
      expect({ step, outcomes }).toEqual({ step, outcomes: expected });
      expect({ step, ...(await stateOf(id, one)) }).toEqual({ step, ...(index >= changed ? after : before) });
      expect({ step, again: await side.compute.reconcile() }).toEqual({ step, again: [] });
      // What was taken back is the instance for the next step.
      if (index < changed) continue;
      await destroy(id);
      id = undefined;
    }
    if (id) await destroy(id);
  });
});
