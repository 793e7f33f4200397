// The files of an earlier commit, without touching the work tree.
import { spawnSync } from 'node:child_process';

function git(root, ...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return status === 0 ? stdout : undefined;
}

/** The text of a file at a commit; undefined when it was not there. */
export const textAt = (root, commit, path) => git(root, 'show', `${commit}:${path}`);

/** The commit that a name stands for; undefined when this clone does not know it. */
export const commitOf = (root, name) => git(root, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)?.trim();

/** API reports of a package at a commit, by path. */
export const reportsAt = (root, commit, folder) =>
  (git(root, 'ls-tree', '--name-only', commit, `${folder}/etc/`) ?? '')
    .split('\n')
    .filter((path) => path.endsWith('.api.md'));

/** The tag of a released version. */
export const releaseTag = ({ name, version }) => `${name}@${version}`;
