// The files of the tree that people write.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const ignored = new Set(['node_modules', 'dist', 'temp', 'coverage', '.git', '.nx', '.tools', '.nodes']);

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (ignored.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Paths under `folder` from the root, with `/`, sorted. */
export function filesIn(root, folder = '.') {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return [...walk(start)].map((file) => relative(root, file).split(sep).join('/')).sort();
}

/** Text of a file, named from the root. */
export const textOf = (root, file) => readFileSync(join(root, file), 'utf8');

/** Folders directly under `folder`. */
export function foldersIn(root, folder) {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !ignored.has(entry.name))
    .map((entry) => entry.name)
    .sort();
}

export const isTest = (file) => /\.test(-d)?\.[a-z]+$/.test(file) || file.split('/').includes('test');
export const isGenerated = (file) => file.endsWith('.gen.ts');
