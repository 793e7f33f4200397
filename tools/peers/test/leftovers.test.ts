import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { requirePeer, startLibvirt } from '../src/index.js';
import { isAlive } from '../src/process-identity.js';
import { peerOwner, type PeerOwner } from './peer-owner.js';
import { surroundings, type Surroundings } from './surroundings.js';
import { describeWith } from '../src/jest.js';

const probe = await requirePeer(() => startLibvirt());
await probe?.stop();

/** Resolves when all processes of the peer have ended; of processes that are not ours nobody is told that. */
async function end({ processes }: PeerOwner): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (processes.some(isAlive)) {
    if (Date.now() > deadline) throw new Error(`Still there: ${JSON.stringify(processes.filter(isAlive))}`);
    await setTimeout(20);
  }
}

describeWith('a libvirt peer leaves nothing behind', probe, () => {
  let place: Surroundings;
  let before: string[];
  beforeEach(async () => {
    place = await surroundings();
    before = place.traces();
  });
  afterEach(() => place.end());

  function expectNothingNew(): void {
    expect(place.traces().filter((trace) => !before.includes(trace))).toEqual([]);
  }

  it('when it is stopped with a machine running, twice', async () => {
    const owner = await peerOwner(place);
    expect(owner.names).toEqual(expect.arrayContaining(['bash', 'virtlogd', 'libvirtd', 'qemu-system-x86']));
    expect(owner.processes.every(isAlive)).toBe(true);
    await owner.stop();
    expect(owner.processes.filter(isAlive)).toEqual([]);
    expect(existsSync(owner.directory)).toBe(false);
    expectNothingNew();
  });

  it('when its owner is killed', async () => {
    const owner = await peerOwner(place);
    expect(owner.processes.every(isAlive)).toBe(true);
    await owner.kill();
    await end(owner);
    expect(existsSync(owner.directory)).toBe(false);
    expectNothingNew();
  });

  it('when its owner is killed and its host is stuck: the next start clears up', async () => {
    const owner = await peerOwner(place);
    process.kill(owner.processes[0]?.pid ?? 0, 'SIGSTOP');
    await owner.kill();
    // Any start in any process clears up, so another test file may have been faster.
    const next = await startLibvirt();
    await next.stop();
    await end(owner);
    expect(existsSync(owner.directory)).toBe(false);
    expectNothingNew();
  });
});
