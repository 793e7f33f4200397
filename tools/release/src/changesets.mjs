// The pending changesets: which package is to be released, and as what.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Bumps from small to large. */
export const bumps = ['none', 'patch', 'minor', 'major'];

/** One changeset: `{file, releases: {name: bump}}`. Throws when it says something else. */
export function parseChangeset(file, text) {
  const front = /^---\n([\s\S]*?)\n?---/.exec(text);
  if (!front) throw new Error(`Changeset ${file} has no front matter; make one with: npx changeset`);
  const releases = parse(front[1]) ?? {};
  for (const [name, bump] of Object.entries(releases)) {
    if (!bumps.includes(bump))
      throw new Error(`Changeset ${file} asks for "${bump}" of ${name}, not one of ${bumps.join(', ')}.`);
  }
  return { file, releases };
}

/** The changesets of a workspace that no release has used up. */
export function pendingChangesets(root) {
  const folder = join(root, '.changeset');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => parseChangeset(`.changeset/${file}`, readFileSync(join(folder, file), 'utf8')));
}

/** The largest bump that any of the changesets asks for. */
export function bumpOf(changesets, name) {
  return bumps[Math.max(0, ...changesets.map(({ releases }) => bumps.indexOf(releases[name] ?? 'none')))];
}
