// Which changeset a change needs. The same below 1.0.0: a minor never has a second meaning.
import semver from 'semver';
import { bumpOf, bumps } from './changesets.mjs';

const enough = { none: 'none', additions: 'minor', breaking: 'major' };
const saysWhat = { additions: 'adds to', breaking: 'breaks' };
const covers = (bump, needed) => bumps.indexOf(bump) >= bumps.indexOf(needed);

/** The version that the pending changesets lead to. */
export function nextVersion({ name, version }, changesets) {
  const bump = bumpOf(changesets, name);
  return bump === 'none' ? version : semver.inc(version, bump);
}

/** How the next version of a package differs from an earlier one: by its changesets, and by those that are used up already. */
export const bumpSince = (earlier, manifest, changesets) =>
  semver.diff(earlier, nextVersion(manifest, changesets))?.replace(/^pre(?=.)/, '') ?? 'none';

/**
 * A version that promises less than what the API report shows.
 * @param {{name: string, change: 'none' | 'additions' | 'breaking', names: string[]}} api since an earlier version
 * @param {string} bump from that version to the next
 */
export function apiProblems({ name, change, names }, bump) {
  const needed = enough[change];
  if (covers(bump, needed)) return [];
  const has = bump === 'none' ? 'has no changeset' : `its changeset says ${bump}`;
  return [
    `${name} ${saysWhat[change]} its API (${names.slice(0, 5).join(', ')}), but ${has}; it needs ${needed}: npx changeset`,
  ];
}

const peersOf = (manifest) =>
  Object.entries(manifest?.peerDependencies ?? {}).filter(([name]) => name.startsWith('@virt-drivers/'));

/** A user of the old range would no longer be able to install: that is a break, whatever the code does. */
export function narrowedPeers(before, after, bump) {
  const now = Object.fromEntries(peersOf(after));
  return peersOf(before)
    .filter(([peer, range]) => now[peer] !== undefined && !semver.subset(range, now[peer]))
    .filter(() => bump !== 'major')
    .map(
      ([peer, range]) =>
        `${after.name} narrows its range of ${peer} from "${range}" to "${now[peer]}"; it needs a major changeset, or a range that still covers "${range}".`,
    );
}

/**
 * Packages that would be published for the first time without a word about what they are.
 * @param {{manifest: object, wasReleased: boolean, hasChangelog: boolean}[]} packages
 */
export const silentFirstReleases = (packages, changesets) =>
  packages
    .filter(({ manifest, wasReleased, hasChangelog }) => !manifest.private && !wasReleased && !hasChangelog)
    .filter(({ manifest }) => bumpOf(changesets, manifest.name) === 'none')
    .map(({ manifest: { name } }) => `${name} was never released, and no changeset says what it is: npx changeset`);

/**
 * Packages that would get a major, or a peer that they were never proven with, only because what they lean on is released.
 * @param {object[]} manifests every manifest of the workspace
 */
export function accidentalMajors(manifests, changesets) {
  const next = new Map(manifests.map((manifest) => [manifest.name, nextVersion(manifest, changesets)]));
  return manifests.flatMap((manifest) =>
    peersOf(manifest)
      .filter(([peer, range]) => next.has(peer) && !semver.satisfies(next.get(peer), range))
      .filter(() => manifest.private !== true && bumpOf(changesets, manifest.name) !== 'major')
      .map(
        ([peer, range]) =>
          `${manifest.name} accepts ${peer} "${range}", and ${next.get(peer)} is about to be released: that would be an accidental major of ${manifest.name}; ` +
          `widen its range to "${range} || ^${next.get(peer)}" first.`,
      ),
  );
}
