import { setTimeout as sleep } from 'node:timers/promises';
import { mebibytes } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { STOP } from './change-cases.mjs';
import { filesOf, leftOn, NOTHING } from './host-leftovers.mjs';
import { manageHost } from './managed-host.mjs';
import { filling, printOf, stillSpec } from './still-instance.mjs';

const peer = await requirePeer(() => startLibvirt({ name: 'host-faults' }));
const SIZES = { cpu: { count: 2 }, root: mebibytes(6), ephemerals: [mebibytes(3)], swap: mebibytes(2) };

describeWith('a resize on a host that fails', peer, (peer) => {
  let side;
  beforeAll(async () => {
    side = await manageHost(peer.uri, filling);
  });
  afterAll(async () => {
    await side?.end();
    await peer.stop();
  });

  const spawn = async () => (await side.compute.spawn(stillSpec())).instanceId;
  const resize = (id, options) => side.compute.resize(id, SIZES, { ...STOP, ...options });
  /** All of it, contents of disks included, and whether it ran; it runs again afterwards. */
  async function stateOf(id) {
    const { state: power, ...print } = await printOf(side, id);
    const files = await filesOf(peer, id);
    await side.compute.power.start(id);
    return { whole: { print, files }, power };
  }
  async function destroy(id) {
    await side.compute.destroy(id);
    expect(await leftOn(peer)).toEqual(NOTHING);
  }
  const settle = async () => (await side.compute.reconcile(STOP)).map(({ outcome, error }) => error ?? outcome);
  const codeOf = (work) =>
    work.then(() => 'done').catch(({ code, message }) => (code === 'DRIVER.FAULT' ? message : code) ?? message);
  /** Tells of the steps of one instance by names that do not depend on it. */
  const watching = (id, tell) => ({
    onStep: ({ step, phase }) => tell(`${step.replace(id, 'I')} ${phase}`),
  });

  /** The two states between which there is nothing, and the steps from one to the other. */
  let before;
  let after;
  const moments = [];
  beforeAll(async () => {
    const id = await spawn();
    before = (await stateOf(id)).whole;
    await resize(
      id,
      watching(id, (moment) => void moments.push(moment)),
    );
    after = (await stateOf(id)).whole;
    await destroy(id);
    expect(after).not.toEqual(before);
  });

  /** Runs a resize of a new instance with a fault, and `reconcile`; which of the two states the instance then has. */
  async function withFault(fault) {
    const id = await spawn();
    try {
      const ended = await fault(id);
      const outcomes = await settle();
      const { whole, power } = await stateOf(id);
      expect(await settle()).toEqual([]);
      const state = JSON.stringify(whole) === JSON.stringify(after) ? 'new' : 'old';
      if (state === 'old') expect({ ended, outcomes, whole }).toEqual({ ended, outcomes, whole: before });
      return { ended, outcomes, state, power };
    } finally {
      await destroy(id);
    }
  }

  const LOST = expect.stringMatching(/^HOST\.(UNREACHABLE|CONNECTION_LOST)$/);
  const committed = (moment) => moments.indexOf(moment) >= moments.indexOf('commit record done');

  it('libvirtd is killed after every step: reconcile makes it the old state or the new one', async () => {
    for (const moment of moments.filter((one) => one.endsWith(' done'))) {
      const found = await withFault(async (id) => {
        const kill = (now) => (now === moment ? peer.kill9() : undefined);
        const ended = await codeOf(resize(id, watching(id, kill)));
        await peer.restart();
        return ended;
      });
      const outcomes = moment === moments.at(-1) ? [] : [committed(moment) ? 'finished' : 'restored'];
      const state = committed(moment) ? 'new' : 'old';
      const expected = { moment, ended: LOST, outcomes, state, power: 'running' };
      expect({ moment, ...found }).toEqual(expected);
    }
  });

  it('libvirtd is killed within every step', async () => {
    for (const moment of moments.filter((one) => one.endsWith(' starting'))) {
      const found = await withFault(async (id) => {
        let killed;
        const kill = (now) => void (now === moment && (killed = sleep(20).then(() => peer.kill9())));
        const ended = await codeOf(resize(id, watching(id, kill)));
        await killed;
        await peer.restart();
        return ended;
      });
      // Short steps may be over by then, and what is said to be done must be.
      const expected = found.ended === 'done' ? { state: 'new' } : { ended: LOST };
      expect({ moment, ...found }).toMatchObject({ moment, ...expected, power: 'running' });
    }
  });

  it('libvirtd freezes after every step, and the caller gives up', async () => {
    for (const moment of moments.filter((one) => one.endsWith(' done'))) {
      const found = await withFault(async (id) => {
        const patience = new AbortController();
        let thawed;
        const freeze = (now) => {
          if (now !== moment) return;
          peer.sigstop();
          setTimeout(() => patience.abort(), 1000);
          thawed = sleep(3000).then(() => peer.sigcont());
        };
        const ended = await codeOf(resize(id, { ...watching(id, freeze), signal: patience.signal }));
        await thawed;
        return ended;
      });
      // A step that was sent is waited for; what comes after it is not begun, and the whole is taken back.
      const old = { ended: 'CALL.CANCELLED', outcomes: [], state: 'old' };
      const expected = committed(moment) ? { state: 'new' } : old;
      expect({ moment, ...found }).toMatchObject({ moment, ...expected, power: 'running' });
    }
  });

  it('libvirtd freezes for a while: the resize takes longer, and that is all', async () => {
    const found = await withFault(async (id) => {
      const freeze = (moment) => {
        if (moment !== 'create I-root.2 starting') return;
        peer.sigstop();
        setTimeout(() => peer.sigcont(), 8000);
      };
      return codeOf(resize(id, watching(id, freeze)));
    });
    expect(found).toEqual({ ended: 'done', outcomes: [], state: 'new', power: 'running' });
  });

  const killQemus = () => {
    for (const { pid, name } of peer.processes()) if (name.startsWith('qemu-system')) process.kill(pid, 'SIGKILL');
  };

  it.each([
    ['stop machine starting', 'running'],
    ['start machine done', 'failed'],
    ['commit record done', 'failed'],
  ])('QEMU is killed at "%s": the resize is made', async (fatal, power) => {
    const kill = (moment) => void (moment === fatal && killQemus());
    const found = await withFault((id) => codeOf(resize(id, watching(id, kill))));
    expect(found).toEqual({ ended: 'done', outcomes: [], state: 'new', power });
  });

  it('QEMU is killed as it starts: the instance is as it was', async () => {
    const found = await withFault(async (id) => {
      let killing;
      const kill = (moment) => {
        if (moment === 'start machine starting') killing = setInterval(killQemus, 5);
        // Once; taking the change back starts the machine again.
        if (moment === 'start machine undoing') clearInterval(killing);
      };
      const ended = await codeOf(resize(id, watching(id, kill)));
      clearInterval(killing);
      return ended;
    });
    expect(found).toEqual({ ended: 'HOST.FAILED', outcomes: [], state: 'old', power: 'running' });
  });
});
