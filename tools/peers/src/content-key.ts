import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A short name for exactly these files (paths, contents, executable bits) and `facts`. */
export async function contentKey(
  root: string,
  directories: readonly string[],
  facts: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const directory of directories) {
    for (const file of await filesBelow(join(root, directory))) {
      const executable = ((await stat(file)).mode & 0o100) !== 0;
      hash.update(JSON.stringify([relative(root, file), executable])).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
