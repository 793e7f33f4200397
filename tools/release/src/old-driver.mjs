// The last released version of a driver: its sources, and its packages as tarballs.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../../ci/pack.mjs';
import { projects } from '../../ci/projects.mjs';
import { step } from '../../extract/src/prove.mjs';
import { root } from '../../setup/pnpm.mjs';

const core = '@virt-drivers/core';
const suite = '@virt-drivers/conformance';
// What says where and how a driver is proven.
const settings = ['conformance.config.json', 'test/known-gaps.json'];

const projectNamed = (all, name) => all.find(({ manifest }) => manifest.name === name);

/** What of ours is installed with a package: its libraries, and theirs. Core is a peer. */
function librariesOf(all, name) {
  const own = Object.keys(projectNamed(all, name).manifest.dependencies ?? {}).filter((each) =>
    projectNamed(all, each),
  );
  return [...new Set(own.flatMap((each) => [each, ...librariesOf(all, each)]))];
}

function checkOut(commit, folder) {
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
}

// A release is built with its own dependencies, not with those of today.
function buildRelease({ tag, commit }, name, folder) {
  checkOut(commit, folder);
  step(`pnpm install of ${tag}`, folder, 'pnpm', [
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
  ]);
  const args = ['run-many', '-t', 'build', '-p', `${name},${suite}`];
  step(`build of ${tag}`, folder, 'nx', args, { NX_WORKSPACE_ROOT_PATH: folder });
}

/**
 * A driver and the suite that it was proven with.
 * @typedef {object} OldDriver
 * @property {string} what
 * @property {{folder: string, manifest: object}} project its manifest and a folder with its settings for the suite
 * @property {string} source folder of its sources
 * @property {Record<string, string>} tarballs of driver, libraries and suite
 */

/** Packs a driver, its libraries and the suite in a workspace where they are built. */
function packFrom(workspace, name, work) {
  const all = projects(workspace);
  const { folder, manifest } = projectNamed(all, name);
  const copies = { source: join(work, 'source'), settings: join(work, 'settings') };
  cpSync(join(workspace, folder, 'src'), copies.source, { recursive: true });
  for (const file of settings.filter((each) => existsSync(join(workspace, folder, each))))
    cpSync(join(workspace, folder, file), join(copies.settings, file));
  const packed = [name, suite, ...librariesOf(all, name)].map((each) => {
    const file = join(work, `${each.replace(/^@[^/]+\//, '')}.tgz`);
    return [each, `file:${pack(join(workspace, projectNamed(all, each).folder), file)}`];
  });
  return {
    project: { folder: copies.settings, manifest },
    source: copies.source,
    tarballs: Object.fromEntries(packed),
  };
}

/**
 * Builds and packs the last release of a driver, with the libraries and the suite of then. Throws when its commit is not here.
 * @returns {OldDriver}
 */
export function releasedDriver(name, release, work) {
  if (release.missing) throw new Error(release.missing);
  const scratch = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    buildRelease(release, name, scratch);
    return { what: release.tag, ...packFrom(scratch, name, work) };
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Packs a driver as it is in the work tree, where it must be built: for one that was never released.
 * @returns {OldDriver}
 */
export function unreleasedDriver(name, work) {
  return { what: `${name} of this tree, which has no release yet`, ...packFrom(root, name, work) };
}

/** Type-checks the driver's own sources against the core that is installed in `folder`. Throws with what does not fit. */
export function typecheckAgainst({ what, source }, folder) {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'));
  cpSync(source, join(folder, 'source'), { recursive: true });
  const options = {
    ...compilerOptions,
    customConditions: [],
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const config = { compilerOptions: options, include: ['source'], exclude: ['**/*.test.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  step(`sources of ${what} on the new ${core}`, folder, 'tsc', ['-p', 'tsconfig.json']);
}
