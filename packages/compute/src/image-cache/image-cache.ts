import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions, Checksum } from '@virt-drivers/core';
import { cacheError } from './cache-error.js';
import { withFileLock } from './file-lock.js';
import { identityFrom, isAlive } from '../process-identity.js';
import { commitPart, fillPart, type FilledPart } from './part-file.js';
import { missingIsUndefined } from '../system-error.js';

/** A content that is in the cache. */
export interface CachedContent {
  readonly path: string;
  /** sha256 of the content, which is also its name. */
  readonly sha256: string;
}

/** Where to get a content from, and what it must not exceed. */
export interface ContentRequest {
  readonly open: (options: CallOptions) => AsyncIterable<Uint8Array>;
  /** When known, parallel requests of all processes for the same content share one transfer. */
  readonly checksum?: Checksum;
  /** See `ImageInput.identity`: does the same where there is no checksum. */
  readonly identity?: () => Promise<string | undefined> | undefined;
  readonly maximumSizeBytes: bigint;
  /** Names the content in messages. */
  readonly name: string;
  /** Sees the complete content before it becomes part of the cache; throwing keeps it out. */
  readonly check: (path: string) => Promise<void>;
}

/**
 * Contents named by their digest in one directory of this machine, shared by processes. A content appears under its name
 * complete and checked, or not at all, whenever a process is killed.
 */
export interface ImageCache {
  readonly directory: string;
  /** The content with this digest, or undefined. */
  find(checksum: Checksum): Promise<CachedContent | undefined>;
  /**
   * The content, transferred now unless it is there. Errors: `IMAGE.CHECKSUM_MISMATCH`, `IMAGE.TOO_LARGE`, `POOL.FULL`
   * (no space in the cache), `ACCESS.DENIED`, and those of `check`.
   */
  ensure(request: ContentRequest, options?: CallOptions): Promise<CachedContent>;
  /** Forgets a content, for example because reading it gave other bytes than its name says. */
  remove(content: CachedContent): Promise<void>;
  /** Removes what killed processes left half done; returns how many files. Runs by itself when the cache is opened. */
  sweep(): Promise<number>;
}

/**
 * Opens the cache in this directory, which is made if need be (readable for this user alone).
 * Errors: `ACCESS.DENIED`, `POOL.FULL`, `REQUEST.INVALID` (a file is in the way).
 */
export async function openImageCache(directory: string): Promise<ImageCache> {
  const at = (...parts: string[]): string => join(directory, ...parts);
  try {
    for (const part of ['contents', 'aliases', 'parts', 'locks'])
      await mkdir(at(part), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cacheError(error, directory);
  }

  const contentOf = async (sha256: string): Promise<CachedContent | undefined> => {
    const path = at('contents', sha256);
    const there = await stat(path).catch(missingIsUndefined);
    return there ? { path, sha256 } : undefined;
  };
  const byAlias = async (name: string): Promise<CachedContent | undefined> => {
    const sha256 = await readFile(at('aliases', name), 'utf8').catch(missingIsUndefined);
    return sha256 ? contentOf(sha256) : undefined;
  };
  const cache: ImageCache = {
    directory,
    async find({ algorithm, hex }) {
      if (algorithm === 'sha256') return contentOf(hex);
      return byAlias(`sha512-${hex}`);
    },
    async ensure(request, options = {}) {
      const { checksum } = request;
      const identity = checksum ? undefined : identityName(await request.identity?.());
      const known = checksum ? `${checksum.algorithm}-${checksum.hex}` : identity;
      if (known === undefined) return transfer(request, options);
      const find = () => (checksum ? cache.find(checksum) : byAlias(known));
      const locked = async (): Promise<CachedContent> => (await find()) ?? transfer(request, options, identity);
      return (await find()) ?? withFileLock(at('locks', `${known}.lock`), at('parts'), options, locked);
    },
    async remove({ path }) {
      await rm(path, { force: true });
    },
    async sweep() {
      const names = await readdir(at('parts'));
      const dead = await Promise.all(names.map(isLeftover));
      const leftovers = names.filter((_, index) => dead[index]);
      for (const name of leftovers) await rm(at('parts', name), { force: true });
      return leftovers.length;
    },
  };

  async function transfer(request: ContentRequest, options: CallOptions, identity?: string): Promise<CachedContent> {
    const part: FilledPart = await fillPart(at('parts'), request, options);
    try {
      await request.check(part.path);
      // Bytes that changed while they were read are nobody's by that name.
      const isSame = identity !== undefined && identityName(await request.identity?.()) === identity;
      const aliases = [...(part.sha512 ? [`sha512-${part.sha512}`] : []), ...(isSame ? [identity] : [])];
      return await commitPart(part, { contents: at('contents'), aliases: aliases.map((name) => at('aliases', name)) });
    } finally {
      await rm(part.path, { force: true });
    }
  }

  await cache.sweep();
  return cache;
}

const identityName = (identity: string | undefined): string | undefined =>
  identity === undefined ? undefined : `identity-${createHash('sha256').update(identity).digest('hex')}`;

async function isLeftover(name: string): Promise<boolean> {
  const owner = identityFrom(name);
  return !owner || !(await isAlive(owner));
}
