// Who may import whom; see ARCHITECTURE.md. One table for the lint rule and for the project graph.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const allowed = {
  core: [],
  // Disk image formats: know neither the contract nor a platform, so that everybody may use them.
  formats: [],
  library: ['formats'],
  driver: ['core', 'library', 'formats'],
  // Servers that speak a platform's protocol, for tests; they check with the tables of its library.
  simulator: ['library'],
  compute: ['core', 'formats'],
  conformance: ['core', 'formats'],
  pins: ['core'],
  cli: ['core', 'compute', 'pins', 'formats'],
};
const allowedInTests = ['core', 'conformance', 'simulator', 'tool'];

/** The reference driver is the test double of the packages that may know no driver. */
const isDouble = ({ kind, platform }) => kind === 'driver' && platform === 'memory';

/**
 * Says why `from` must not import `to`; undefined when it may.
 * @param {{name: string, kind: string, platform?: string}} from
 * @param {{name: string, kind: string, platform?: string}} to
 */
export function forbidden(from, to, { test = false } = {}) {
  if (from.name === to.name || from.kind === 'tool') return undefined;
  if (test && (allowedInTests.includes(to.kind) || isDouble(to))) return undefined;
  const kinds = allowed[from.kind];
  if (!kinds) return `${from.name} has no kind in package.json "virtDrivers", so nothing says what it may import`;
  if (!kinds.includes(to.kind)) {
    const what = kinds.length > 0 ? `only ${kinds.join(' and ')}` : 'nothing of ours';
    return `${from.name} (${from.kind}) imports ${what}; ${to.name} is a ${to.kind}`;
  }
  if (to.kind === 'library' && from.platform !== to.platform) {
    return `${from.name} imports the library of its own platform only; ${to.name} serves ${to.platform}`;
  }
  return undefined;
}

/** Reads name, kind and platform of the package in a folder. */
export function packageAt(folder) {
  const { name, virtDrivers = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, ...virtDrivers, folder };
}

/** Every package of the workspace, by name. */
export function packagesIn(root) {
  const folders = ['packages', 'tools'].flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => join(root, parent, name)) : [],
  );
  return new Map(
    folders
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .map((folder) => packageAt(folder))
      .map((each) => [each.name, each]),
  );
}

/** Tests, measurements, and the folders that only these use. */
export const isTestFile = (file) =>
  /\.test\.[a-z]+$/.test(file) || file.split(sep).some((part) => part === 'test' || part === 'bench');

/** The package that a file belongs to. */
export function ownerOf(packages, file) {
  return [...packages.values()].find(({ folder }) => file.startsWith(folder + sep));
}

/** The package an import leads to: by name, or by a relative path that leaves its own package. */
export function targetOf(packages, file, specifier) {
  if (specifier.startsWith('.')) return ownerOf(packages, join(dirname(file), specifier));
  const name = specifier.split('/').slice(0, 2).join('/');
  return packages.get(name);
}
