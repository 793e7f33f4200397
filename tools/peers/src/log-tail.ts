import { readFile } from 'node:fs/promises';

/** The last lines of the files that exist, in the order given. */
export async function logTail(files: readonly string[], lines = 40): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.join('').trimEnd().split('\n').slice(-lines).join('\n');
}
