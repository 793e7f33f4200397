import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { buildWorker, type Worker, type WorkerProgram } from '../../test/worker/worker.js';
import { openImageCache } from './image-cache.js';

const PIECES = 40;
const content = Buffer.concat(Array.from({ length: PIECES }, (_, index) => Buffer.alloc(65_536, index)));
const hex = createHash('sha256').update(content).digest('hex');

describe('image cache shared by processes', () => {
  let program: WorkerProgram;
  let directory = '';
  const files = (part: string): string[] => readdirSync(join(directory, part));
  const worker = (mode = ''): Worker => program.run(directory, hex, String(PIECES), mode);

  beforeAll(async () => {
    program = await buildWorker('cache-worker');
  }, 60_000);
  afterAll(() => program.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'compute-cache-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const expectWhole = (): void => {
    expect(files('contents')).toEqual([hex]);
    expect(readFileSync(join(directory, 'contents', hex)).equals(content)).toBe(true);
    expect(files('locks')).toEqual([]);
  };

  test('several processes share one transfer', async () => {
    const workers = Array.from({ length: 4 }, () => worker());
    await Promise.all(workers.map(({ ended }) => ended));
    expect(workers.map(({ words }) => words.at(-1))).toEqual(['done', 'done', 'done', 'done']);
    expect(workers.flatMap(({ words }) => words).filter((word) => word === 'open')).toHaveLength(1);
    expectWhole();
    expect(files('parts')).toEqual([]);
  }, 60_000);

  test('a waiter takes over from a process that is killed in mid-transfer', async () => {
    const first = worker('stall');
    await first.says('piece', PIECES - 1);
    const second = worker();
    await first.kill();
    await second.ended;
    expect(second.words).toContain('done');
    expectWhole();
  }, 60_000);

  test.each([1, 5, PIECES - 2, 'check'] as const)(
    'a process killed at %s leaves nothing that counts, and a sweep removes the rest',
    async (when) => {
      const victim = worker();
      await (when === 'check' ? victim.says('check') : victim.says('piece', when));
      await victim.kill();
      for (const name of files('contents')) expect(name).toBe(hex);
      const cache = await openImageCache(directory);
      expect(files('parts')).toEqual([]);
      await cache.ensure({
        open: async function* () {
          yield content;
        },
        checksum: { algorithm: 'sha256', hex },
        maximumSizeBytes: 1n << 30n,
        name: 'again',
        check: async () => undefined,
      });
      expectWhole();
    },
    60_000,
  );

  test('a sweep leaves the files of living processes alone', async () => {
    const living = worker('stall');
    await living.says('piece', PIECES - 1);
    const cache = await openImageCache(directory);
    expect(await cache.sweep()).toBe(0);
    expect(files('parts').some((name) => name.endsWith('.part'))).toBe(true);
    await living.kill();
    expect(await cache.sweep()).toBeGreaterThan(0);
    expect(files('parts')).toEqual([]);
  }, 60_000);
});
