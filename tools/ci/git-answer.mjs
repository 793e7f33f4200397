// Questions to git whose answer may be that it does not know.
import { spawnSync } from 'node:child_process';

/** What git says in a folder; undefined when the command fails. */
export function gitAnswer(folder, ...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return status === 0 ? stdout : undefined;
}

/** The commit that a name stands for; undefined when this clone does not know it. */
export const commitOf = (folder, name) =>
  gitAnswer(folder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)?.trim();
