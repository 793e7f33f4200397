import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { DriverError, type CallOptions } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import {
  bytesOf,
  bytesOfHandle,
  ImageError,
  openOva,
  openSparseVmdk,
  type ByteSource,
} from '@virt-drivers/image-formats';
import type { CachedContent, ImageCache } from '../image-cache/image-cache.js';

/** Where the bytes of a disk are: a content of the cache, or one file in a package that is there. */
export interface DiskPlace {
  /** Names the image in messages. */
  readonly name: string;
  readonly content: CachedContent;
  readonly cache: ImageCache;
  /** Name of the file within the package. */
  readonly member?: string;
}

/** `stored`: the bytes as they came. `raw`: the disk that they describe, read from VMDK. */
export type DiskView = 'stored' | 'raw';

/**
 * Streams a disk and digests it on the way. When the bytes are not what they were when the image was admitted (a failing
 * disk, somebody's hand), the stream ends with `IMAGE.CORRUPT` instead of normally, so that no volume is made of them, and
 * the cache forgets the content.
 */
export async function* openDiskStream(
  place: DiskPlace,
  view: DiskView,
  sha256: string,
  options: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  try {
    for await (const piece of pieces(place, view, options)) {
      digest.update(piece);
      yield piece;
    }
    if (digest.digest('hex') === sha256) return;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
  await place.cache.remove(place.content);
  const text = `Image "${place.name}" changed in the cache and was removed from it; call again to fetch it anew.`;
  throw new DriverError('IMAGE.CORRUPT', text, { subject: place.name, retryable: true });
}

const PIECE = 1_048_576;

const known = new WeakMap<ImageCache, Map<string, string>>();

/**
 * SHA-256 of the disk that a VMDK describes. Reads all of it, which is at the same time the proof that it can be read;
 * once for each content while the cache is open. Errors: `IMAGE.CORRUPT`, `CALL.CANCELLED`.
 */
export async function rawDigest(place: DiskPlace, options: CallOptions): Promise<string> {
  const digests = known.get(place.cache) ?? new Map<string, string>();
  known.set(place.cache, digests);
  const key = `${place.content.sha256} ${place.member ?? ''}`;
  const found = digests.get(key);
  if (found !== undefined) return found;
  const digest = createHash('sha256');
  try {
    for await (const piece of pieces(place, 'raw', options)) digest.update(piece);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    const text = `Image "${place.name}" cannot be used. ${cause.message} Get it again from its source.`;
    throw new DriverError('IMAGE.CORRUPT', text, { subject: place.name, cause });
  }
  const hex = digest.digest('hex');
  digests.set(key, hex);
  return hex;
}

async function* pieces(place: DiskPlace, view: DiskView, options: CallOptions): AsyncGenerator<Uint8Array> {
  const what = `Reading image "${place.name}"`;
  throwIfAborted(options, { what });
  for await (const piece of unchecked(place, view)) {
    throwIfAborted(options, { what });
    yield piece;
  }
}

async function* unchecked(place: DiskPlace, view: DiskView): AsyncGenerator<Uint8Array> {
  if (view === 'stored' && place.member === undefined) {
    yield* createReadStream(place.content.path, { highWaterMark: PIECE });
    return;
  }
  const handle = await open(place.content.path, 'r');
  try {
    const source = await diskIn(await bytesOfHandle(handle), place.member);
    yield* view === 'raw' ? (await openSparseVmdk(source)).raw() : bytesOf(source);
  } finally {
    await handle.close();
  }
}

async function diskIn(source: ByteSource, member: string | undefined): Promise<ByteSource> {
  if (member === undefined) return source;
  const { members } = await openOva(source);
  const found = members.find(({ name }) => name === member);
  if (found) return found.content;
  throw new ImageError('corrupt', `It does not contain "${member}" any more.`);
}
