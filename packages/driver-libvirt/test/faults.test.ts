import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDriverError, type DriverEvent, type OpenDriver } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../src/index.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt({ name: 'faults' }));
const soon = () => ({ deadline: deadlineIn({ milliseconds: 1_500 }) });
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (isDriverError(error) ? error.code : String(error)),
  );

describeWith('faults', peer, (peer) => {
  describe('faults of the daemon', () => {
    let open: OpenDriver;
    beforeAll(async () => {
      open = await driver.open({ target: peer.uri });
    }, 60_000);
    afterAll(async () => {
      await open.close();
      await peer.stop();
    }, 60_000);

    it('a frozen daemon: calls and new connections end at their deadline', async () => {
      peer.sigstop();
      try {
        expect(await codeOf(open.machines.list({}, soon()).all())).toBe('CALL.DEADLINE_EXCEEDED');
        expect(await codeOf(driver.open({ target: peer.uri }, soon()))).toMatch(
          /HOST\.UNREACHABLE|CALL\.DEADLINE_EXCEEDED/,
        );
      } finally {
        peer.sigcont();
      }
      expect(await open.machines.list().all()).toEqual([]);
    }, 30_000);

    it('a daemon that dies and comes back: the next call works, and a watch tells of the gap', async () => {
      const events = await open.events.watch();
      await peer.kill9();
      expect(await codeOf(open.machines.list().all())).toMatch(/HOST\.(UNREACHABLE|CONNECTION_LOST)/);
      await peer.restart();
      const first = (await events.next()).value as DriverEvent;
      expect([first.kind, 'reason' in first && first.reason]).toEqual(['resync', 'connection']);
      expect(await open.machines.list().all()).toEqual([]);
      await events.return?.();
    }, 90_000);

    it('an endpoint that is not there says what to do', async () => {
      const nowhere = driver.open({ target: 'qemu+unix:///system?socket=/run/no-such-socket' });
      await expect(nowhere).rejects.toMatchObject({
        code: 'HOST.UNREACHABLE',
        message: expect.stringContaining('Start it'),
      });
      expect(await codeOf(driver.open({ target: 'no uri' }))).toBe('REQUEST.INVALID');
      expect(await codeOf(driver.open({ target: `nonsense+unix:///system?socket=${peer.socket}` }))).toBe(
        'REQUEST.INVALID',
      );
      expect(await codeOf(driver.open({ target: peer.uri, options: { speed: 9 } }))).toBe('REQUEST.INVALID');
    }, 30_000);
  });
});
