// The last released version of a driver: its sources, and its packages as tarballs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import semver from 'semver';
import { pack } from '../../ci/pack.mjs';
import { closureOf } from '../../extract/src/closure.mjs';
import { step } from '../../extract/src/prove.mjs';
import { root } from '../../setup/pnpm.mjs';

const core = '@virt-drivers/core';

/** The tag of the highest released version among all tags; undefined before the first release. */
export function lastRelease(name, tags) {
  const versions = tags.filter((tag) => tag.startsWith(`${name}@`)).map((tag) => tag.slice(name.length + 1));
  const last = semver.rsort(versions.filter((version) => semver.valid(version) && !semver.prerelease(version)))[0];
  return last && `${name}@${last}`;
}

/** What the driver needs to run, without core and without tools: its protocol library. */
const ownLibraries = (projects, name) =>
  closureOf(projects, name)
    .map((each) => projects.find(({ manifest }) => manifest.name === each))
    .filter(({ manifest }) => manifest.virtDrivers?.kind === 'library');

function checkOut(tag, folder) {
  const archive = execFileSync('git', ['archive', tag], { cwd: root, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
}

// A tag is built with its own dependencies, not with those of today.
function buildTag(tag, name, folder) {
  checkOut(tag, folder);
  step(`pnpm install of ${tag}`, folder, 'pnpm', [
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
  ]);
  step(`build of ${tag}`, folder, 'nx', ['run-many', '-t', 'build', '-p', name], { NX_WORKSPACE_ROOT_PATH: folder });
}

/**
 * Packs the last release of a driver; before the first one, the driver as it is in the work tree, which must be built.
 * @returns {{what: string, source: string, tarballs: Record<string, string>}} `source` is a folder with the driver's sources
 */
export function oldDriver(projects, project, tags, work) {
  const { name } = project.manifest;
  const tag = lastRelease(name, tags);
  const scratch = tag && mkdtempSync(join(tmpdir(), 'tag-'));
  try {
    if (tag) buildTag(tag, name, scratch);
    const from = scratch ?? root;
    const source = join(work, 'source');
    mkdirSync(work, { recursive: true });
    cpSync(join(from, project.folder, 'src'), source, { recursive: true });
    const packed = [project, ...ownLibraries(projects, name)].map(({ folder, manifest }) => {
      const file = join(work, `${manifest.name.replace(/^@[^/]+\//, '')}.tgz`);
      return [manifest.name, `file:${pack(join(from, folder), file)}`];
    });
    return {
      what: tag ?? `${name} of this tree, which has no release yet`,
      source,
      tarballs: Object.fromEntries(packed),
    };
  } finally {
    if (scratch) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
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
