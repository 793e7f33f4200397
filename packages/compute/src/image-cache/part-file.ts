import { createHash, randomUUID, type Hash } from 'node:crypto';
import { chmod, open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '@virt-drivers/core/kit';
import { DriverError, type CallOptions, type Checksum } from '@virt-drivers/core';
import { cacheError } from './cache-error.js';
import type { CachedContent, ContentRequest } from './image-cache.js';
import { identityText, thisProcess } from '../process-identity.js';

/** A complete transfer that is not part of the cache yet. */
export interface FilledPart {
  readonly path: string;
  readonly sha256: string;
  /** Present when the content was asked for by it. */
  readonly sha512?: string;
}

/**
 * Writes a stream to a file of this process, digesting it on the way, and makes sure that it is on disk. After an error
 * there is no file. Errors: `IMAGE.TOO_LARGE`, `IMAGE.CHECKSUM_MISMATCH`, and those of the stream.
 */
export async function fillPart(directory: string, request: ContentRequest, options: CallOptions): Promise<FilledPart> {
  const path = join(directory, `${identityText(await thisProcess())}.${randomUUID()}.part`);
  const file = await open(path, 'wx', 0o600);
  try {
    const digests = await copy(request, file, options);
    verify(request.name, request.checksum, digests);
    await file.sync();
    await file.close();
    return { path, ...digests };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw cacheError(error, dirname(directory));
  }
}

/** Gives the part its name in the cache. Whoever comes second replaces a content by the same content. */
export async function commitPart(
  part: FilledPart,
  into: { contents: string; aliases: readonly string[] },
): Promise<CachedContent> {
  const path = join(into.contents, part.sha256);
  await chmod(part.path, 0o400);
  await rename(part.path, path);
  await syncDirectory(into.contents);
  for (const alias of into.aliases) {
    const draft = `${part.path}.alias`;
    await writeFile(draft, part.sha256, { mode: 0o400 });
    await rename(draft, alias);
  }
  return { path, sha256: part.sha256 };
}

type Digests = Pick<FilledPart, 'sha256' | 'sha512'>;

async function copy(request: ContentRequest, file: FileHandle, options: CallOptions): Promise<Digests> {
  const sha256 = createHash('sha256');
  const sha512: Hash | undefined = request.checksum?.algorithm === 'sha512' ? createHash('sha512') : undefined;
  let size = 0n;
  for await (const piece of request.open(options)) {
    throwIfAborted(options, { what: `Reading image "${request.name}"` });
    size += BigInt(piece.byteLength);
    if (size > request.maximumSizeBytes) {
      const text = `Image "${request.name}" is longer than the ${request.maximumSizeBytes} bytes that are allowed.`;
      throw new DriverError('IMAGE.TOO_LARGE', text, { subject: request.name });
    }
    sha256.update(piece);
    sha512?.update(piece);
    await writeAll(file, piece);
  }
  return { sha256: sha256.digest('hex'), ...(sha512 && { sha512: sha512.digest('hex') }) };
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.byteLength; ) {
    const { bytesWritten } = await file.write(piece, done, piece.byteLength - done);
    done += bytesWritten;
  }
}

function verify(name: string, wanted: Checksum | undefined, digests: Digests): void {
  if (!wanted || digests[wanted.algorithm] === wanted.hex) return;
  const text = `Image "${name}" has ${wanted.algorithm} ${digests[wanted.algorithm]} and not ${wanted.hex}; get it again or correct the checksum.`;
  throw new DriverError('IMAGE.CHECKSUM_MISMATCH', text, { subject: name });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}
