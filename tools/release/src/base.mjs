// The files of an earlier commit, without touching the work tree.
import { gitAnswer } from '../../ci/git-answer.mjs';

/** The text of a file at a commit; undefined when it was not there. */
export const textAt = (root, commit, path) => gitAnswer(root, 'show', `${commit}:${path}`);

/** API reports of a package at a commit, by path. */
export const reportsAt = (root, commit, folder) =>
  (gitAnswer(root, 'ls-tree', '--name-only', commit, `${folder}/etc/`) ?? '')
    .split('\n')
    .filter((path) => path.endsWith('.api.md'));

/** The tag of a released version. */
export const releaseTag = ({ name, version }) => `${name}@${version}`;
