import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from './file-lock.js';

export interface Build<Product> {
  /** Directory of everything of this kind; made when it is missing. */
  readonly cache: string;
  /** What tells this product from others of its kind: a name without slashes. */
  readonly key: string;
  /** The finished product in a directory; undefined while there is none. */
  readonly read: (directory: string) => Promise<Product | undefined>;
  /** Throws where it cannot be built. */
  readonly require: () => void;
  /** Writes the product into an empty directory. */
  readonly build: (directory: string) => Promise<void>;
}

/**
 * A product that is built by one process at a time, and only where it is not in the cache already. It appears there
 * whole or not at all.
 */
export async function builtOnce<Product>({ cache, key, read, require, build }: Build<Product>): Promise<Product> {
  const directory = join(cache, key);
  const present = await read(directory);
  if (present) return present;
  require();
  await mkdir(cache, { recursive: true });
  return withFileLock(join(cache, 'lock'), async () => {
    // Another process may have built it while this one waited.
    const built = await read(directory);
    if (built) return built;
    await removePartialBuilds(cache);
    const partial = await mkdtemp(join(cache, 'partial-'));
    await chmod(partial, 0o755);
    await build(partial);
    await rename(partial, directory);
    const product = await read(directory);
    if (!product) throw new Error(`${directory} was removed while it was being put there.`);
    return product;
  });
}

/** Of builders that died: the lock is ours, so none is at work. */
async function removePartialBuilds(cache: string): Promise<void> {
  const names = await readdir(cache);
  const partial = names.filter((name) => name.startsWith('partial-'));
  await Promise.all(partial.map((name) => rm(join(cache, name), { recursive: true, force: true })));
}
