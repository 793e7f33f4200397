import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { affectedBy, affectedProjects, usesOf } from '../affected.mjs';
import { projects } from '../projects.mjs';

const scope = (names) => Object.fromEntries(names.map((name) => [name, 'workspace:*']));
const project = (name, lists = {}) => ({ manifest: { name, ...lists } });
const all = [
  project('core'),
  project('suite', { peerDependencies: scope(['core']), devDependencies: scope(['double']) }),
  project('double', { peerDependencies: scope(['core']), devDependencies: scope(['suite']) }),
  project('driver', { dependencies: scope(['library']), devDependencies: scope(['suite', 'server']) }),
  project('library'),
  project('server', { private: true, devDependencies: scope(['base']) }),
  project('base', { private: true }),
];
const edgesOf = ({ manifest: { dependencies, devDependencies, peerDependencies } }) =>
  Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }).map((target) => ({ target }));
const uses = usesOf(
  Object.fromEntries([...all.map((each) => [each.manifest.name, edgesOf(each)]), ['npm:x', [{ target: 'core' }]]]),
  all,
);

describe('a change can break', () => {
  it.each([
    ['whoever is built on it', 'library', ['driver', 'library']],
    ['whoever tests with it, but not who uses that', 'double', ['double', 'suite']],
    ['whoever tests with what is built on it', 'core', ['core', 'double', 'driver', 'suite']],
    ['whoever tests with a tool that uses it', 'base', ['base', 'driver', 'server']],
  ])('%s', (_, touched, expected) => {
    expect(affectedBy([touched], uses)).toEqual(expected);
  });

  it('nobody when it touches nobody', () => {
    expect(affectedBy([], uses)).toEqual([]);
  });
});

describe('in this workspace', () => {
  const name = (short) => `@virt-drivers/${short}`;
  const sample = (file) => ({ files: [file] });
  const [memory, libvirt, shared] = affectedProjects([
    sample('packages/driver-memory/src/driver.ts'),
    sample('packages/driver-libvirt/src/driver.ts'),
    sample('tsup.base.ts'),
  ]);

  it('the test double is no part of a driver', () => {
    expect(memory).toEqual(expect.arrayContaining(['compute', 'conformance', 'cli', 'demo', 'pins'].map(name)));
    expect(memory.filter((each) => each.includes('/driver-'))).toEqual([name('driver-memory')]);
  });

  it('an input of a check reaches that check, and no user of the project', () => {
    expect(libvirt).toEqual(expect.arrayContaining(['driver-libvirt', 'demo', 'extract'].map(name)));
    expect(libvirt).not.toContain(name('release'));
  });

  it('what all are built with reaches all, and who tests with a build', () => {
    expect(shared).toEqual(expect.arrayContaining(['core', 'driver-libvirt', 'demo', 'release'].map(name)));
  });
});

// No quotation before it: a text about an import is none.
const specifiers = /^[^"`\n]*(?:\bfrom |\bimport |\bimport\(|\brequire\(|new URL\()\s*'([^'\n]+)'/gm;
const sources = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'temp', 'golden'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });

/** The file or folder, and the project, that an import leads to when that is another project of this workspace. */
function leadsTo(every, own, file, specifier) {
  const named = every.find(({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`));
  if (named) return { to: named, path: `${named.folder}/src/index.ts` };
  if (!specifier.startsWith('.')) return undefined;
  const path = relative(root, join(root, dirname(file), specifier));
  const to = every.find(({ folder }) => path.startsWith(`${folder}/`));
  const isThere = [path, path.replace(/\.js$/, '.ts')].find((each) => existsSync(join(root, each)));
  if (!to || to === own || !isThere) return undefined;
  return { to, path: statSync(join(root, isThere)).isDirectory() ? join(isThere, 'sample.ts') : isThere };
}

const every = projects();
const found = every.flatMap((own) =>
  sources(own.folder).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(specifiers)]
      .map(([, specifier]) => leadsTo(every, own, file, specifier))
      .filter((lead) => lead !== undefined && lead.to !== own)
      .map(({ to, path }) => ({ file, own, to, path })),
  ),
);

it('every import of another project, whatever the manifests say, is known to the plan', () => {
  expect(found.length).toBeGreaterThan(500);
  const paths = [...new Set(found.map(({ path }) => path))];
  const affected = new Map(
    affectedProjects(paths.map((path) => ({ files: [path] }))).map((names, index) => [paths[index], names]),
  );
  const missed = found.filter(({ own, path }) => !affected.get(path).includes(own.manifest.name));
  expect(missed.map(({ file, path }) => `${file} uses ${path}`)).toEqual([]);
}, 120_000);

it('what a published package is made of is installed with it', () => {
  const isShipped = ({ file, own }) =>
    !own.manifest.private && file.startsWith(`${own.folder}/src/`) && !/\.test\.ts$/.test(file);
  const shipped = found.filter(isShipped);
  expect(shipped.length).toBeGreaterThan(300);
  const installed = ({ dependencies, peerDependencies }) => ({ ...dependencies, ...peerDependencies });
  const missing = shipped.filter(({ own, to }) => !(to.manifest.name in installed(own.manifest)));
  expect(missing.map(({ file, to }) => `${file} imports ${to.manifest.name}`)).toEqual([]);
});
