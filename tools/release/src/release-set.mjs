// What a release consists of.
import { closureOf } from '../../extract/src/closure.mjs';
import { releaseTag } from './base.mjs';

const suite = '@virt-drivers/conformance';

/** What a driver is proven and published with: itself, what it needs to run, and the suite. */
export function proofSet(projects, name) {
  const published = closureOf(projects, name).filter(
    (each) => !projects.find(({ manifest }) => manifest.name === each).manifest.private,
  );
  return [...new Set([name, suite, ...published])].map((each) =>
    projects.find(({ manifest }) => manifest.name === each),
  );
}

/** Public packages whose version has no tag yet. */
export function unreleased(projects, hasTag) {
  return projects.filter(({ manifest }) => !manifest.private && !hasTag(releaseTag(manifest)));
}
