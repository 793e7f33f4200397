import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageFile } from './files-digest.js';

async function pathsIn(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // Dependencies are packages of their own, which the lockfile answers for.
    if (path === 'node_modules') return [];
    return entry.isDirectory() ? pathsIn(root, path) : [path];
  });
  return (await Promise.all(paths)).flat();
}

/** Every file of an installed package, without the packages inside `node_modules`. */
export async function installedFiles(directory: string): Promise<readonly PackageFile[]> {
  const paths = await pathsIn(directory, '');
  return Promise.all(paths.map(async (path) => ({ path, content: await readFile(join(directory, path)) })));
}
