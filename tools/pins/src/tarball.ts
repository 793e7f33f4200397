import { createHash } from 'node:crypto';
import { filesDigest } from '@virt-drivers/core';
import { Parser, type ReadEntry } from 'tar';
import { messageOf } from './error-detail.js';
import { failure } from './problem.js';

const UNPACKED_BYTES_MAX = 256 * 1024 * 1024;

/** A published package, unpacked in memory. */
export interface Tarball {
  readonly bytes: Buffer;
  /** `sha512-…` of the bytes. */
  readonly integrity: string;
  readonly filesDigest: string;
  /** Content by path from the package's root. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** `sha512-<base64>`, as registries and lockfiles write it. */
export const integrityOf = (bytes: Uint8Array): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

function pathIn(entry: ReadEntry): string {
  const path = entry.path.split('/').slice(1).join('/');
  const unsafe = path === '' || path.split('/').some((part) => part === '..' || part === '.' || part === '');
  if (unsafe || path.includes('\\')) throw new Error(`it holds the path ${entry.path}`);
  // What is in there is never compared with what is installed.
  if (path.startsWith('node_modules/')) throw new Error('it carries other packages in node_modules');
  return path;
}

async function unpack(bytes: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let total = 0;
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({ strict: true });
    const stop = (error: unknown): void => reject(new Error(messageOf(error), { cause: error }));
    const take = (entry: ReadEntry): void => {
      if (entry.type === 'Directory') return void entry.resume();
      if (entry.type !== 'File' && entry.type !== 'OldFile')
        throw new Error(`it holds a ${entry.type} (${entry.path})`);
      const path = pathIn(entry);
      if (files.has(path)) throw new Error(`it holds ${path} twice`);
      total += entry.size;
      if (total > UNPACKED_BYTES_MAX) throw new Error('it is larger than 256 MiB');
      const chunks: Buffer[] = [];
      files.set(path, Buffer.alloc(0));
      entry.on('data', (chunk: Buffer) => void chunks.push(chunk));
      entry.on('end', () => void files.set(path, Buffer.concat(chunks)));
    };
    parser.on('entry', (entry: ReadEntry) => {
      try {
        take(entry);
      } catch (error) {
        entry.resume();
        stop(error);
      }
    });
    parser.on('error', stop);
    parser.on('end', resolve);
    parser.end(bytes);
  });
  return files;
}

/** Reads a package from its tarball. Throws `not-a-package` when it is damaged or holds what a package must not. */
export async function readTarball(bytes: Buffer, subject: string): Promise<Tarball> {
  try {
    const files = await unpack(bytes);
    const listed = [...files].map(([path, content]) => ({ path, content }));
    return { bytes, files, integrity: integrityOf(bytes), filesDigest: filesDigest(listed) };
  } catch (error) {
    throw failure('not-a-package', subject, `The tarball of ${subject} cannot be pinned: ${messageOf(error)}.`, error);
  }
}
