// What was released, and from which commit: tags, and releases.json for clones that have no tags.
import { readFileSync } from 'node:fs';
import semver from 'semver';
import { commitOf, gitAnswer } from '../../ci/git-answer.mjs';
import { releaseTag } from './base.mjs';

/** The list in git: package → version → commit. */
export const recordedReleases = () => JSON.parse(readFileSync(new URL('../releases.json', import.meta.url), 'utf8'));

/** The names of all tags of a clone. */
export const tagsIn = (root) => (gitAnswer(root, 'tag') ?? '').split('\n').filter(Boolean);

/** The highest version of a package that is no prerelease; undefined before the first release. */
export function lastVersion(name, tags, recorded) {
  const tagged = tags.filter((tag) => tag.startsWith(`${name}@`)).map((tag) => tag.slice(name.length + 1));
  const versions = [...tagged, ...Object.keys(recorded[name] ?? {})];
  return semver.rsort(versions.filter((version) => semver.valid(version) && !semver.prerelease(version)))[0];
}

/**
 * The last release of a package.
 * @returns {{tag: string, version: string, commit?: string, missing?: string} | undefined} undefined before the first one;
 *   `missing` says why its commit is not at hand
 */
export function lastRelease(root, name, { tags = tagsIn(root), recorded = recordedReleases() } = {}) {
  const version = lastVersion(name, tags, recorded);
  if (!version) return undefined;
  const tag = releaseTag({ name, version });
  const wanted = tags.includes(tag) ? `refs/tags/${tag}` : recorded[name][version];
  const commit = commitOf(root, wanted);
  return commit ? { tag, version, commit } : { tag, version, missing: reasonIn(root, tag, wanted) };
}

function reasonIn(root, tag, wanted) {
  const isShallow = gitAnswer(root, 'rev-parse', '--is-shallow-repository')?.trim() === 'true';
  const why = isShallow ? 'this clone is shallow: git fetch --unshallow --tags' : 'fetch it: git fetch --tags';
  return `${tag} was released from ${wanted.replace('refs/tags/', '')}, which is not in this clone; ${why}`;
}

/** Releases of these packages that nothing can be compared with here, with the reason. */
export const missingReleases = (root, names) => names.flatMap((name) => lastRelease(root, name)?.missing ?? []);
