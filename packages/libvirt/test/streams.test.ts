import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  connectGetHostname,
  openConnection,
  storagePoolLookupByName,
  storageVolCreateXml,
  storageVolDelete,
  storageVolDownload,
  StorageVolDownloadFlags,
  storageVolUpload,
  StorageVolUploadFlags,
  type Connection,
  type StoragePool,
  type StorageVolume,
} from '../src/index.js';
import { describeOnPeer } from './on-peer.js';

const MIB = 1 << 20;

await describeOnPeer('volume streams', (peer) => {
  let connection: Connection;
  let pool: StoragePool;
  beforeAll(async () => {
    connection = await openConnection(peer.uri);
    pool = await storagePoolLookupByName(connection, 'default');
  });
  afterAll(() => connection.close());

  const volume = (name: string, bytes: number): Promise<StorageVolume> =>
    storageVolCreateXml(connection, pool, `<volume><name>${name}</name><capacity>${bytes}</capacity></volume>`);

  it('sends and receives the same bytes', async () => {
    const data = randomBytes(5 * MIB + 3);
    const target = await volume('bytes.raw', 8 * MIB);
    await pipeline(
      Readable.from([data.subarray(0, 7), data.subarray(7)]),
      await storageVolUpload(connection, target, 0n, 0n),
    );
    expect((await readFile(join(peer.imagesDirectory, 'bytes.raw'))).subarray(0, data.length).equals(data)).toBe(true);

    const received = await storageVolDownload(connection, target, 0n, BigInt(data.length));
    expect(Buffer.concat(await received.toArray()).equals(data)).toBe(true);
    await storageVolDelete(connection, target);
  });

  it('keeps at most a few MiB while nobody reads, and still answers after that', async () => {
    const target = await volume('slow.raw', 64 * MIB);
    const received = await storageVolDownload(connection, target, 0n, 0n);
    await once(received, 'readable');
    expect(received.readableLength).toBeLessThanOrEqual(2 * MIB);
    let bytes = 0;
    for await (const chunk of received as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(64 * MIB);
    expect(await connectGetHostname(connection)).not.toBe('');
    await storageVolDelete(connection, target);
  });

  it('shows the holes of a sparse download as zeros', async () => {
    const target = await volume('sparse.raw', 32 * MIB);
    const file = await open(join(peer.imagesDirectory, 'sparse.raw'), 'r+');
    await file.write(Buffer.from('end'), 0, 3, 32 * MIB - 3);
    await file.close();
    const received = await storageVolDownload(connection, target, 0n, 0n, StorageVolDownloadFlags.SparseStream);
    const data = Buffer.concat(await received.toArray());
    expect(data.length).toBe(32 * MIB);
    expect(data.subarray(0, 1024).equals(Buffer.alloc(1024))).toBe(true);
    expect(data.subarray(-3).toString()).toBe('end');
    await storageVolDelete(connection, target);
  });

  it('sends zeros as holes of a sparse upload, which take no space', async () => {
    const target = await volume('holes.raw', 32 * MIB);
    const upload = await storageVolUpload(connection, target, 0n, 0n, StorageVolUploadFlags.SparseStream);
    const data = Buffer.concat([Buffer.alloc(24 * MIB), randomBytes(MIB), Buffer.alloc(7 * MIB)]);
    await pipeline(Readable.from([data]), upload);
    const path = join(peer.imagesDirectory, 'holes.raw');
    expect((await readFile(path)).equals(data)).toBe(true);
    expect((await stat(path)).blocks * 512).toBeLessThan(4 * MIB);
    await storageVolDelete(connection, target);
  });

  it('aborts a stream that is destroyed early, and the connection goes on', async () => {
    const target = await volume('abort.raw', 64 * MIB);
    const received = await storageVolDownload(connection, target, 0n, 0n);
    await once(received, 'readable');
    received.destroy();
    await once(received, 'close');
    const sent = await storageVolUpload(connection, target, 0n, 0n);
    sent.write(Buffer.alloc(MIB));
    sent.destroy();
    await once(sent, 'close');
    expect(await connectGetHostname(connection)).not.toBe('');
    await storageVolDelete(connection, target);
  });

  it('fails where the daemon fails', async () => {
    const missing: StorageVolume = { pool: 'default', name: 'none', key: '/none' };
    await expect(storageVolUpload(connection, missing, 0n, 0n)).rejects.toMatchObject({ code: 'NO_STORAGE_VOL' });
    const target = await volume('small.raw', 1 * MIB);
    const sent = await storageVolUpload(connection, target, 0n, 4096n);
    const failed = once(sent, 'error');
    sent.end(Buffer.alloc(8192));
    expect((await failed)[0]).toMatchObject({ name: 'LibvirtError' });
    await storageVolDelete(connection, target);
  });
});
