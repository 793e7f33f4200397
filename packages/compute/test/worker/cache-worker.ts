import { openImageCache } from '../../src/image-cache/image-cache.js';

/**
 * One process of the cache's tests: asks for a content of the given size in pieces of 64 KiB, says `open` on standard
 * output for each transfer it begins and `piece` for each piece, and `done` at the end. `stall` never yields the last piece.
 */
const [directory = '', hex = '', pieces = '1', mode = ''] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);

async function* content(): AsyncIterable<Uint8Array> {
  say('open');
  for (let index = 0; index < Number(pieces); index += 1) {
    yield Buffer.alloc(65_536, index);
    say('piece');
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (mode === 'stall') await new Promise((resolve) => setTimeout(resolve, 600_000));
}

const cache = await openImageCache(directory);
const request = {
  open: content,
  checksum: { algorithm: 'sha256' as const, hex },
  maximumSizeBytes: 1n << 30n,
  name: 'worker',
  check: async () => say('check'),
};
await cache.ensure(request);
say('done');
