// The noun rule: a facet has one name in the contract, its documentation, its conformance cases and every driver.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, foldersIn, textOf } from './tree.mjs';

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The facets of the contract: one file each. */
export function facetsOf(root) {
  const folder = 'packages/core/src/contract/';
  return filesIn(root, folder)
    .map((file) => file.slice(folder.length))
    .filter((file) => /^[a-z-]+\.ts$/.test(file))
    .map((file) => file.replace(/\.ts$/, ''));
}

/** The facets that a driver's one manifest literal claims. */
export function claimedFacets(manifest, facets) {
  const keys = [...manifest.matchAll(/^ {2}([a-zA-Z]+)(?:,|: )/gm)].map((match) => kebab(match[1]));
  return facets.filter((facet) => keys.includes(facet));
}

const hasFileOrFolder = (root, path) => existsSync(join(root, `${path}.ts`)) || existsSync(join(root, path));

const isCovered = (root, facet) => hasFileOrFolder(root, `packages/conformance/src/cases/${facet}`);

/** The part of an allow-list that is still needed. */
export function stillUncovered(root, allowed) {
  const facets = facetsOf(root);
  return allowed.filter((facet) => facets.includes(facet) && !isCovered(root, facet));
}

function driverProblems(root, driver, facets) {
  const manifest = `packages/${driver}/src/capabilities.ts`;
  if (!existsSync(join(root, manifest)))
    return [`${driver} has no src/capabilities.ts, so nothing says what it can do.`];
  return claimedFacets(textOf(root, manifest), facets)
    .filter((facet) => !hasFileOrFolder(root, `packages/${driver}/src/${facet}`))
    .map((facet) => `${driver} claims ${facet} but has no src/${facet}.ts.`);
}

/** @param {{uncoveredFacets: string[]}} ratchet facets that have no conformance cases yet; the list may only shrink */
export function checkNouns(root, { uncoveredFacets = [] } = {}) {
  const facets = facetsOf(root);
  const needed = stillUncovered(root, uncoveredFacets);
  const drivers = foldersIn(root, 'packages').filter((name) => name.startsWith('driver-'));
  return [
    ...facets
      .filter((facet) => !existsSync(join(root, `docs/contract/${facet}.md`)))
      .map((facet) => `Facet ${facet} has no page docs/contract/${facet}.md.`),
    ...facets
      .filter((facet) => !isCovered(root, facet) && !uncoveredFacets.includes(facet))
      .map(
        (facet) => `Facet ${facet} has no conformance cases: packages/conformance/src/cases/${facet}.ts is missing.`,
      ),
    ...uncoveredFacets
      .filter((facet) => !needed.includes(facet))
      .map(
        (facet) => `Facet ${facet} is covered or gone; remove it from uncoveredFacets in tools/repo-lint/ratchet.json.`,
      ),
    ...drivers.flatMap((driver) => driverProblems(root, driver, facets)),
  ];
}
