import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import {
  connectGetHostname,
  openConnection,
  storagePoolLookupByName,
  storageVolCreateXml,
  storageVolDownload,
  StorageVolDownloadFlags,
} from '../src/index.js';

const MIB = 1 << 20;
// The daemon asks after a second of silence, and gives up a second later.
const settings = { keepalive_interval: 1, keepalive_count: 1 };
const LONGER_SECONDS = 5;

const peer = await requirePeer(() => startLibvirt({ name: 'impatient', settings }));
afterAll(() => peer?.stop(), 30_000);

describeWith('a daemon with little patience', peer, (peer) => {
  it.each([
    ['bytes', 0],
    ['a hole', StorageVolDownloadFlags.SparseStream],
  ])(
    'waits for a reader of %s who rests longer than that',
    async (_, flags) => {
      const connection = await openConnection(peer.uri, { keepAlive: { interval: 300, count: 5 } });
      const pool = await storagePoolLookupByName(connection, 'default');
      const xml = `<volume><name>rest-${flags}.raw</name><capacity>${64 * MIB}</capacity><allocation>0</allocation></volume>`;
      const volume = await storageVolCreateXml(connection, pool, xml);
      const received = await storageVolDownload(connection, volume, 0n, 0n, flags);
      await once(received, 'readable');
      await sleep(LONGER_SECONDS * 1000);
      let size = 0;
      for await (const chunk of received as AsyncIterable<Buffer>) size += chunk.length;
      expect(size).toBe(64 * MIB);
      expect(await connectGetHostname(connection)).toBe('impatient');
      await connection.close();
    },
    30_000,
  );
});
