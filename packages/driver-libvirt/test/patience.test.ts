import { afterAll, expect, it } from '@jest/globals';
import { mebibytes, poolId } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { setTimeout as sleep } from 'node:timers/promises';
import { driver } from '../src/index.js';

// The daemon asks after 3 s of silence, again after 3 s, and gives up 3 s later.
const settings = { keepalive_interval: 3, keepalive_count: 2 };
const LONGER_SECONDS = 14;

const peer = await requirePeer(() => startLibvirt({ name: 'impatient', settings }));
afterAll(() => peer?.stop(), 30_000);

describeWith('a daemon with little patience', peer, (peer) => {
  it('hands out volumes with long holes to readers who rest longer than that', async () => {
    const open = await driver.open({ target: peer.uri });
    const read = async (format: 'raw' | 'qcow2'): Promise<bigint> => {
      const volume = { pool: poolId('default'), name: `rest-${format}`, format, sizeBytes: mebibytes(256) };
      const { id } = await open.volumes.create(volume);
      let size = 0n;
      for await (const chunk of open.volumes.export?.(id) ?? []) {
        if (size === 0n) await sleep(LONGER_SECONDS * 1000);
        size += BigInt(chunk.length);
      }
      await open.volumes.delete(id);
      return size;
    };
    try {
      expect(await Promise.all([read('raw'), read('qcow2')])).toEqual([mebibytes(256), mebibytes(256)]);
    } finally {
      await open.close();
    }
  }, 60_000);
});
