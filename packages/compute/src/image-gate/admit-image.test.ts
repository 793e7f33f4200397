import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bytes, gibibytes, type Checksum } from '@virt-drivers/core';
import { openImageCache, type ImageCache } from '../image-cache/image-cache.js';
import { admitImage } from './admit-image.js';
import { imageFile, type ImageInput } from './image-input.js';
import { HOSTILE_IMAGES, luks, qcow2 } from '@virt-drivers/image-corpus';

const digest = (algorithm: Checksum['algorithm'], content: Uint8Array): Checksum => ({
  algorithm,
  hex: createHash(algorithm).update(content).digest('hex'),
});

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('admitImage', () => {
  let directory = '';
  let cache: ImageCache;
  const kept = (): string[] => [...readdirSync(join(directory, 'contents')), ...readdirSync(join(directory, 'parts'))];
  const input = (content: Uint8Array, seen: { opened: number } = { opened: 0 }): ImageInput => ({
    name: 'test.img',
    async *open() {
      seen.opened += 1;
      for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000);
    },
  });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'compute-gate-'));
    cache = await openImageCache(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test.each(['sha256', 'sha512'] as const)(
    'admits a sound image with the right %s and streams it',
    async (algorithm) => {
      const content = qcow2();
      const image = await admitImage(
        input(content),
        { format: 'qcow2', checksum: digest(algorithm, content) },
        { cache },
      );
      expect(image).toMatchObject({ format: 'qcow2', sizeBytes: BigInt(content.length), virtualSizeBytes: 1_048_576n });
      expect(image.checksum).toEqual(digest('sha256', content));
      expect(await collected(image.open())).toEqual(content);
      expect(await collected(image.open())).toEqual(content);
    },
  );

  test.each(['sha256', 'sha512'] as const)('transfers an image known by its %s once', async (algorithm) => {
    const content = qcow2();
    const seen = { opened: 0 };
    const declaration = { format: 'qcow2', checksum: digest(algorithm, content) } as const;
    await Promise.all(Array.from({ length: 5 }, () => admitImage(input(content, seen), declaration, { cache })));
    await admitImage(input(content, seen), declaration, { cache });
    expect(seen.opened).toBe(1);
    expect(kept()).toHaveLength(1);
  });

  test.each(Object.entries(HOSTILE_IMAGES))(
    'refuses %s and keeps nothing',
    async (_name, { declared, code, content }) => {
      const limits = { formats: [declared], maximumVirtualSizeBytes: gibibytes(1_024) };
      const attempt = admitImage(input(content()), { format: declared }, { cache, limits });
      await expect(attempt).rejects.toMatchObject({
        code,
        stateAfter: 'unchanged',
        message: expect.stringMatching(/^Image "test\.img" /),
      });
      expect(kept()).toEqual([]);
    },
  );

  test('refuses a wrong checksum and keeps nothing', async () => {
    const checksum = digest('sha256', Buffer.from('another'));
    const attempt = admitImage(input(qcow2()), { format: 'qcow2', checksum }, { cache });
    await expect(attempt).rejects.toMatchObject({ code: 'IMAGE.CHECKSUM_MISMATCH' });
    expect(kept()).toEqual([]);
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  });

  test('stops reading an endless image at the limit', async () => {
    const endless: ImageInput = {
      name: 'endless',
      async *open() {
        for (;;) yield Buffer.alloc(65_536);
      },
    };
    const attempt = admitImage(endless, { format: 'raw' }, { cache, limits: { maximumSizeBytes: bytes(1_000_000) } });
    await expect(attempt).rejects.toMatchObject({ code: 'IMAGE.TOO_LARGE' });
    expect(kept()).toEqual([]);
  });

  test('checks a cached content against every new declaration', async () => {
    const content = qcow2();
    const checksum = digest('sha256', content);
    await admitImage(input(content), { format: 'qcow2', checksum }, { cache });
    const attempt = admitImage(input(content), { format: 'raw', checksum }, { cache });
    await expect(attempt).rejects.toMatchObject({ code: 'IMAGE.FORMAT_MISMATCH' });
  });

  test('admits LUKS only as raw that is declared encrypted', async () => {
    const content = luks();
    const image = await admitImage(input(content), { format: 'raw', encryption: 'luks' }, { cache });
    expect(image.format).toBe('raw');
    const plain = admitImage(input(Buffer.alloc(512)), { format: 'raw', encryption: 'luks' }, { cache });
    await expect(plain).rejects.toMatchObject({ code: 'IMAGE.UNSAFE' });
  });

  test('ends the stream of a content that changed in the cache with an error and forgets it', async () => {
    const content = qcow2();
    const image = await admitImage(input(content), { format: 'qcow2' }, { cache });
    const path = join(directory, 'contents', image.checksum.hex);
    const changed = await readFile(path);
    changed[200_000] = 0xff;
    await chmod(path, 0o600);
    await writeFile(path, changed);
    await expect(collected(image.open())).rejects.toMatchObject({ code: 'IMAGE.CORRUPT' });
    expect(kept()).toEqual([]);
  });

  test.each([
    [{ format: 'vdi' as const }, /admitted formats are raw, qcow2, vmdk, ova, iso/],
    [{ format: 'raw' as const, checksum: { algorithm: 'sha256' as const, hex: 'ABC' } }, /malformed checksum/],
    [
      { format: 'raw' as const, checksum: { algorithm: 'sha512' as const, hex: '../../etc/passwd' } },
      /malformed checksum/,
    ],
  ])('refuses the declaration %j', async (declaration, message) => {
    const attempt = admitImage(input(Buffer.alloc(512)), declaration, { cache });
    await expect(attempt).rejects.toMatchObject({ code: 'REQUEST.INVALID', message: expect.stringMatching(message) });
  });

  test('cancelling in mid-transfer keeps nothing', async () => {
    const controller = new AbortController();
    const slow: ImageInput = {
      name: 'slow',
      async *open() {
        yield Buffer.alloc(1_000);
        controller.abort();
        yield Buffer.alloc(1_000);
      },
    };
    const attempt = admitImage(slow, { format: 'raw' }, { cache }, { signal: controller.signal });
    await expect(attempt).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
    expect(kept()).toEqual([]);
  });

  test('says where a file is missing', async () => {
    const attempt = admitImage(imageFile(join(directory, 'absent.img')), { format: 'raw' }, { cache });
    await expect(attempt).rejects.toMatchObject({
      code: 'IMAGE.NOT_FOUND',
      message: expect.stringContaining('absent.img'),
    });
  });

  test('admits a file', async () => {
    const path = join(directory, 'disk.raw');
    writeFileSync(path, Buffer.alloc(100_000, 'x'));
    const image = await admitImage(imageFile(path), { format: 'raw' }, { cache });
    expect((await collected(image.open())).length).toBe(100_000);
  });

  test('transfers an image without a checksum once per identity', async () => {
    const seen = { opened: 0 };
    let identity = 'first';
    const known = (content: Uint8Array): ImageInput => ({ ...input(content, seen), identity: async () => identity });
    await Promise.all([1, 2, 3].map(() => admitImage(known(qcow2()), { format: 'qcow2' }, { cache })));
    expect(seen.opened).toBe(1);
    identity = 'second';
    const other = await admitImage(known(qcow2({ version: 2 })), { format: 'qcow2' }, { cache });
    expect(seen.opened).toBe(2);
    expect(other.inspection.features).toContain('version 2');
  });

  test('does not remember an image that changed while it was read', async () => {
    const seen = { opened: 0 };
    const changing: ImageInput = { ...input(qcow2(), seen), identity: async () => `state ${seen.opened}` };
    await admitImage(changing, { format: 'qcow2' }, { cache });
    seen.opened = 0;
    await admitImage(changing, { format: 'qcow2' }, { cache });
    expect(seen.opened).toBe(1);
  });

  test('tells a file by its times only when it is at rest, and notices every change', async () => {
    const path = join(directory, 'disk.raw');
    writeFileSync(path, 'x');
    expect(await imageFile(path).identity?.()).toBeUndefined();
    expect(await imageFile(join(directory, 'absent')).identity?.()).toBeUndefined();
    const atRest = imageFile(process.execPath);
    expect(await atRest.identity?.()).toMatch(/^file:/);
    expect(await atRest.identity?.()).toBe(await imageFile(process.execPath).identity?.());
  });
});
