import { expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { chunksOf } from './chunks.js';

it('gives others their turn, though the stream never makes anybody wait', async () => {
  const zeros = Buffer.alloc(1 << 16);
  let left = 1024;
  const stream = new Readable({
    read() {
      this.push(left > 0 ? zeros : null);
      left -= 1;
    },
  });
  let turns = 0;
  let waiting = true;
  const count = (): void => {
    turns += 1;
    if (waiting) setImmediate(count);
  };
  setImmediate(count);
  let size = 0;
  for await (const chunk of chunksOf(stream)) size += chunk.length;
  waiting = false;
  expect(size).toBe(1024 * zeros.length);
  expect(turns).toBeGreaterThanOrEqual(8);
});
