// What a path belongs to, read from the packages: their kind and platform say who looks after them.
import { projects } from '../../ci/projects.mjs';

/**
 * @typedef {object} Area
 * @property {string} folder
 * @property {string} kind
 * @property {string} [platform]
 */

/** Every package of the workspace. @returns {Area[]} */
export function areasIn(root) {
  return projects(root)
    .map(({ folder, manifest: { virtDrivers = {} } }) => ({
      folder,
      kind: virtDrivers.kind ?? 'tool',
      platform: virtDrivers.platform,
    }))
    .sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

const isOfPlatform = ({ kind, platform }) =>
  platform !== undefined && ['driver', 'library', 'simulator'].includes(kind);

/** The label of an area: `driver:<platform>`, or its kind for what all drivers share. */
const labelOf = (area) =>
  isOfPlatform(area) ? `driver:${area.platform}` : area.kind === 'tool' ? undefined : area.kind;

/** Labels for changed paths, sorted. */
export function labelsFor(files, areas) {
  const labels = files
    .map((file) => areas.find(({ folder }) => file.startsWith(`${folder}/`)))
    .map((area) => area && labelOf(area));
  return [...new Set(labels.filter(Boolean))].sort();
}

/** Every label that `labelsFor` may give. */
export const areaLabels = (areas) => [...new Set(areas.map(labelOf).filter(Boolean))].sort();

const MAINTAINERS = '@virt-drivers/maintainers';

/** CODEOWNERS: everything is the maintainers', a platform's packages are its own team's. The last line that fits counts. */
export function codeowners(areas) {
  const platforms = areas
    .filter(isOfPlatform)
    .map(({ folder, platform }) => [`/${folder}/`, `@virt-drivers/${platform}`]);
  const lines = [
    ['*', MAINTAINERS],
    ...platforms,
    // What a driver must not change on its own: the contract, its proofs, and what is approved.
    ...['/packages/core/', '/packages/conformance/', '/pins.json', '/.github/'].map((path) => [path, MAINTAINERS]),
  ];
  const width = Math.max(...lines.map(([path]) => path.length)) + 1;
  const head = '# Written by: node tools/slots/main.mjs owners --write';
  return `${[head, ...lines.map(([path, owner]) => `${path.padEnd(width)}${owner}`)].join('\n')}\n`;
}
