// What a release consists of.
import { closureOf } from '../../extract/src/closure.mjs';
import { releaseTag } from './base.mjs';

const suite = '@virt-drivers/conformance';

const projectNamed = (projects, name) => projects.find(({ manifest }) => manifest.name === name);
const isDriver = ({ manifest }) => manifest.virtDrivers?.kind === 'driver' && !manifest.private;

/** What a package is proven and published with: itself, what it needs to run, and the suite. */
export function proofSet(projects, name) {
  const published = closureOf(projects, name).filter((each) => !projectNamed(projects, each).manifest.private);
  return [...new Set([name, suite, ...published])].map((each) => projectNamed(projects, each));
}

/** The same for several packages, each once. */
export const proofSetOf = (projects, names) => [...new Set(names.flatMap((name) => proofSet(projects, name)))];

/**
 * The drivers whose conformance proves a release: those in it. A release of core or of the suite without any is proven by the
 * drivers that need no peer; the others are tried on a new core by old-drivers.mjs.
 * @param {(project: object) => boolean} needsNoPeer
 */
export function provers(projects, names, needsNoPeer) {
  const released = projects.filter(({ manifest }) => names.includes(manifest.name));
  const own = released.filter(isDriver);
  const isCommon = released.some(({ manifest }) => ['core', 'conformance'].includes(manifest.virtDrivers?.kind));
  return own.length > 0 || !isCommon ? own : projects.filter((each) => isDriver(each) && needsNoPeer(each));
}

/** Public packages whose version has no tag yet. */
export function unreleased(projects, hasTag) {
  return projects.filter(({ manifest }) => !manifest.private && !hasTag(releaseTag(manifest)));
}
