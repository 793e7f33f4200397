import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integrityOf } from './tarball.js';

/** Tarballs on this machine, found by their integrity, so that what is found is what was asked for. */
export interface TarballCache {
  readonly folder: string;
  find(integrity: string): Promise<Buffer | undefined>;
  /** Keeps the bytes; gives the file. */
  keep(bytes: Buffer): Promise<string>;
}

/** Opens a folder of tarballs; it is made when something is kept. */
export function openCache(folder: string): TarballCache {
  const fileOf = (integrity: string): string =>
    join(folder, `${Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex')}.tgz`);
  return {
    folder,
    async find(integrity) {
      const bytes = await readFile(fileOf(integrity)).catch(() => undefined);
      // A damaged file is as good as none.
      return bytes !== undefined && integrityOf(bytes) === integrity ? bytes : undefined;
    },
    async keep(bytes) {
      const file = fileOf(integrityOf(bytes));
      const draft = `${file}.${randomUUID()}`;
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(draft, bytes, { flag: 'wx' });
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
      return file;
    },
  };
}
