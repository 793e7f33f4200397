// A driver package as a repository of its own: its files, the shared settings it names, its dependencies as tarballs.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { pack } from '../../ci/pack.mjs';
import { projects } from '../../ci/projects.mjs';
import { root } from '../../setup/pnpm.mjs';
import { closureOf } from './closure.mjs';

/** Settings that packages share; a driver that leaves takes a copy. */
const settings = [
  'tsconfig.base.json',
  'tsup.base.ts',
  'jest.base.mjs',
  'tools/ci/jest-reporter.mjs',
  '.node-version',
  'LICENSE',
];
const devTools = [
  'typescript',
  'tsup',
  'jest',
  '@jest/globals',
  '@swc/jest',
  '@swc/core',
  '@types/node',
  '@types/jest',
];
const left = ['node_modules', 'dist', 'temp', 'eslint.config.mjs'];

const catalog = () => parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')).catalog;

function copyPackage(from, folder) {
  for (const name of readdirSync(from).filter((each) => !left.includes(each))) {
    cpSync(join(from, name), join(folder, name), { recursive: true });
  }
  for (const path of settings.filter((each) => existsSync(join(root, each))))
    cpSync(join(root, path), join(folder, path));
  // The settings are beside the package now, not two folders up.
  for (const name of readdirSync(folder).filter((each) =>
    /^(tsconfig.*\.json|.*\.config\.(ts|mjs)|jest\..*\.mjs)$/.test(each),
  )) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('../../', './'));
  }
}

/** The manifest outside of the workspace: ours come from tarballs, also those that others of ours ask for. */
export function standaloneManifest(manifest, tarballs, versions) {
  const { dependencies = {}, devDependencies = {}, ...rest } = manifest;
  const outside = (list) =>
    Object.fromEntries(
      Object.entries(list).map(([name, range]) => [
        name,
        tarballs[name] ?? (range === 'catalog:' ? versions[name] : range),
      ]),
    );
  const tools = Object.fromEntries(devTools.map((name) => [name, versions[name]]));
  const others = Object.fromEntries(Object.entries(tarballs).filter(([name]) => !(name in dependencies)));
  return {
    ...rest,
    dependencies: outside(dependencies),
    devDependencies: { ...tools, ...outside(devDependencies), ...others },
  };
}

/** Puts the driver into an empty folder. Its owner calls `close`. Everything it needs must be built. */
export function standalone(name) {
  const all = projects();
  const needed = closureOf(all, name);
  const find = (each) => all.find(({ manifest }) => manifest.name === each);
  const folder = mkdtempSync(join(tmpdir(), 'standalone-'));
  const close = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const { folder: from, manifest } = find(name);
    copyPackage(join(root, from), folder);
    mkdirSync(join(folder, 'packed'));
    const tarballs = Object.fromEntries(
      needed.map((each) => {
        const file = `packed/${each.replace(/^@[^/]+\//, '')}.tgz`;
        pack(join(root, find(each).folder), join(folder, file));
        return [each, `file:${file}`];
      }),
    );
    writeFileSync(
      join(folder, 'package.json'),
      `${JSON.stringify(standaloneManifest(manifest, tarballs, catalog()), null, 2)}\n`,
    );
    // What is not in a tarball must not be found anywhere: a stranger could have published that name.
    writeFileSync(join(folder, '.npmrc'), '@virt-drivers:registry=http://127.0.0.1:9/\nfetch-retries=0\n');
    return { folder, manifest, needed, close };
  } catch (error) {
    close();
    throw error;
  }
}
