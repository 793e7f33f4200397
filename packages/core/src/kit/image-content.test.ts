import { expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { bytes, poolId, type ImageSource, type TaskProgress } from '../index.js';
import { countedContent } from './counted-content.js';
import { verifiedImage } from './verified-image.js';

const id = { pool: poolId('fast'), key: 'data.img' };
const text = (...parts: readonly string[]) => parts.map((part) => Buffer.from(part));

function imageOf(chunks: readonly Uint8Array[], promised = 4, checksum = digestOf(chunks)): ImageSource {
  const size = bytes(promised);
  return {
    format: 'raw',
    sizeBytes: size,
    virtualSizeBytes: size,
    checksum: { algorithm: 'sha256', hex: checksum },
    async *open() {
      yield* chunks;
    },
  };
}
const digestOf = (chunks: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(chunks)).digest('hex');

/** What comes out, and how it ends. */
async function drain(source: AsyncIterable<Uint8Array>): Promise<{ text: string; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of source) chunks.push(chunk);
    return { text: Buffer.concat(chunks).toString() };
  } catch (error) {
    return { text: Buffer.concat(chunks).toString(), error };
  }
}

it('an image that is what it says comes whole, each time that it is opened', async () => {
  const image = verifiedImage(imageOf(text('ab', '', 'cd')));
  expect(await drain(image.open())).toEqual({ text: 'abcd' });
  expect(await drain(image.open())).toEqual({ text: 'abcd' });
  expect(await drain(verifiedImage(imageOf([], 0)).open())).toEqual({ text: '' });
});

it('an image that is another one fails before its last bytes are out', async () => {
  const hex = digestOf(text('other'));
  const { text: out, error } = await drain(verifiedImage(imageOf(text('ab', 'cd'), 4, hex)).open());
  expect(out).toBe('ab');
  expect(error).toMatchObject({ code: 'IMAGE.CHECKSUM_MISMATCH', subject: hex });
});

it('content of the promised length is told of on its way', async () => {
  const told: TaskProgress[] = [];
  const counted = countedContent(imageOf(text('abc', 'd')), id, (progress) => told.push(progress), {});
  expect(await drain(counted)).toEqual({ text: 'abcd' });
  expect(told).toEqual([
    { phase: 'sending', doneBytes: 3n, totalBytes: 4n, fraction: 0.75 },
    { phase: 'sending', doneBytes: 4n, totalBytes: 4n, fraction: 1 },
  ]);
});

it.each([
  ['more', text('abc', 'de'), 'abc'],
  ['less', text('abc'), 'abc'],
])('content of %s than was promised fails, and nothing beyond the promise is handed on', async (_, chunks, out) => {
  const result = await drain(countedContent(imageOf(chunks), id, () => undefined, {}));
  expect(result).toMatchObject({ text: out, error: { code: 'IMAGE.CORRUPT', subject: id.key } });
});

it('both give the call’s options to the content', async () => {
  const { signal } = new AbortController();
  const given: unknown[] = [];
  const image = { ...imageOf(text('abcd')), open: open.bind(undefined, given) };
  await drain(countedContent(verifiedImage(image), id, () => undefined, { signal }));
  expect(given).toEqual([{ signal }]);
});

async function* open(given: unknown[], options?: unknown): AsyncGenerator<Uint8Array> {
  given.push(options);
  yield* text('abcd');
}
