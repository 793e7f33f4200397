import { afterAll, expect, it } from '@jest/globals';
import { deadlineIn } from '@virt-drivers/core/kit';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDaemon } from '../src/connection.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt());
afterAll(() => peer?.stop());

describeWith('calls that wait for their turn', peer, (peer) => {
  it('have all of their time then, unless the caller said when it ends', async () => {
    const daemon = await openDaemon(peer.testUri, { seconds: 15 }, {});
    try {
      const work = { what: 'Long work', long: true, within: { seconds: 60 } };
      const left = (options = {}): Promise<number> =>
        daemon.call(work, options, async (_connection, { deadline }) => {
          const milliseconds = deadline.getTime() - Date.now();
          await sleep(500);
          return milliseconds;
        });
      const times = await Promise.all(Array.from({ length: 12 }, () => left()));
      expect(Math.min(...times)).toBeGreaterThan(59_500);

      const busy = Array.from({ length: 4 }, () => left());
      await expect(left({ deadline: deadlineIn({ seconds: 0.2 }) })).rejects.toMatchObject({
        code: 'CALL.DEADLINE_EXCEEDED',
        stateAfter: 'unchanged',
      });
      await Promise.all(busy);
    } finally {
      await daemon.close();
    }
  });
});
