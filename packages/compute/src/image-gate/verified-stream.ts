import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DriverError, type CallOptions } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import type { CachedContent, ImageCache } from '../image-cache/image-cache.js';

const PIECE = 1_048_576;

/**
 * Streams a cached content and digests it again on the way. When the bytes are not what their name says (a failing
 * disk, somebody's hand), the stream ends with `IMAGE.CORRUPT` instead of normally, so that no volume is made of them,
 * and the cache forgets the content.
 */
export async function* openVerified(
  name: string,
  content: CachedContent,
  cache: ImageCache,
  options: CallOptions = {},
): AsyncIterable<Uint8Array> {
  const what = `Reading image "${name}"`;
  throwIfAborted(options, { what });
  const digest = createHash('sha256');
  for await (const piece of createReadStream(content.path, { highWaterMark: PIECE })) {
    throwIfAborted(options, { what });
    digest.update(piece);
    yield piece;
  }
  if (digest.digest('hex') === content.sha256) return;
  await cache.remove(content);
  throw new DriverError(
    'IMAGE.CORRUPT',
    `Image "${name}" changed in the cache and was removed from it; call again to fetch it anew.`,
    {
      subject: name,
      retryable: true,
    },
  );
}
