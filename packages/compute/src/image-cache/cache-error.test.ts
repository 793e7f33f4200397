import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheError } from './cache-error.js';
import { openImageCache } from './image-cache.js';

describe('cacheError', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'compute-cache-error-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test.each([
    ['ENOSPC', 'POOL.FULL'],
    ['EACCES', 'ACCESS.DENIED'],
    ['EROFS', 'ACCESS.DENIED'],
  ])('%s is %s and names the directory', (code, expected) => {
    expect(cacheError(Object.assign(new Error(code), { code }), '/var/cache/x')).toMatchObject({
      code: expected,
      subject: '/var/cache/x',
    });
  });

  test('leaves other errors alone', () => {
    const error = new Error('something else');
    expect(cacheError(error, '/var/cache/x')).toBe(error);
  });

  test('a file in the way of the cache is said to be', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(openImageCache(join(directory, 'file'))).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });

  test('a transfer that finds no space says that the cache is full, and leaves nothing', async () => {
    const cache = await openImageCache(directory);
    const request = {
      open: async function* () {
        yield Buffer.alloc(1);
        throw Object.assign(new Error('write'), { code: 'ENOSPC' });
      },
      maximumSizeBytes: 10n,
      name: 'x',
      check: async () => undefined,
    };
    await expect(cache.ensure(request)).rejects.toMatchObject({
      code: 'POOL.FULL',
      message: expect.stringContaining(directory),
    });
    expect(await cache.sweep()).toBe(0);
  });
});
