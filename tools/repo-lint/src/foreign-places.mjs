// Nothing in the tree may depend on one company's registry or on one machine's folders.
import { filesIn, isGenerated, textOf } from './tree.mjs';

const publicRegistries = ['registry.npmjs.org', 'registry.yarnpkg.com'];
const patterns = [
  [/^(?:@[\w-]+:)?registry=\S/m, 'sets a registry'],
  [/\bresolution: \{[^}]*tarball: https?:/, 'has a tarball address instead of an integrity hash'],
  [/https?:\/\/[a-z0-9.-]*(?:registry|npm|artifactory|nexus|verdaccio)[a-z0-9.-]*[/:]/gi, 'names a package registry'],
];

/** What a text says about places that exist for its writer only. */
export function foreignPlaces(text) {
  return patterns.flatMap(([pattern, problem]) => {
    const found = text.match(pattern)?.filter((match) => !publicRegistries.some((host) => match.includes(host)));
    return found?.length > 0 ? [`${problem} (${found[0].trim()})`] : [];
  });
}

export function checkForeignPlaces(root) {
  const text = /(\.(json|ya?ml|mjs|cjs|ts|sh|md)|\.npmrc|run)$/;
  return filesIn(root)
    .filter((file) => text.test(file) && !isGenerated(file) && !file.startsWith('tools/repo-lint/'))
    .flatMap((file) => foreignPlaces(textOf(root, file)).map((problem) => `${file} ${problem}.`));
}
