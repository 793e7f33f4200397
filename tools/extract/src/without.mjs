// A copy of the workspace without one driver, and what the rest says about it.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projects } from '../../ci/projects.mjs';
import { scratchWorkspace } from '../../ci/scratch.mjs';
import { belongingTo, danglingUsers } from './closure.mjs';
import { step } from './prove.mjs';

/** Removes the driver and what belongs to it from a copy. Its owner calls `close`. */
export function workspaceWithout(name, options) {
  const all = projects();
  const removed = belongingTo(all, name);
  const dangling = danglingUsers(all, removed);
  if (dangling.length > 0) throw new Error(`${name} cannot be removed: ${dangling.join('; ')}.`);
  const scratch = scratchWorkspace(options);
  for (const { folder } of removed) rmSync(join(scratch.folder, folder), { recursive: true });
  return { ...scratch, removed: removed.map(({ manifest }) => manifest.name) };
}

const projectsIn = (folder) =>
  ['packages', 'tools'].flatMap((parent) => readdirSync(join(folder, parent)).map((name) => `${parent}/${name}`));
const isTyped = (path) => existsSync(path) && readdirSync(path).length > 0;

/** One type check over everything that is left, or over some of it; links between packages of the copy only lead to the copy. */
export function typecheckRest({ folder }, only = projectsIn(folder)) {
  const sources = only
    .filter((project) => existsSync(join(folder, project, 'tsconfig.json')))
    .flatMap((project) =>
      ['src', 'test'].map((name) => `${project}/${name}`).filter((path) => isTyped(join(folder, path))),
    );
  const config = { extends: './tsconfig.base.json', compilerOptions: { types: ['node', 'jest'] }, include: sources };
  writeFileSync(join(folder, 'tsconfig.rest.json'), JSON.stringify(config));
  step(`tsc over ${sources.length} folders of the rest`, folder, 'tsc', ['-p', 'tsconfig.rest.json']);
}

const generators = [['tools/slots/main.mjs', 'owners', '--write'], ['tools/release/compatibility.mjs']];

/** Everything that a clone without the driver would run. */
export function buildRest({ folder }) {
  rmSync(join(folder, 'node_modules'), { force: true });
  step('pnpm install', folder, 'pnpm', [
    'install',
    '--prefer-offline',
    '--no-frozen-lockfile',
    '--reporter=append-only',
  ]);
  // What is made from the list of packages is made again, as whoever removes one would.
  for (const [file, ...args] of generators) step(`${file} ${args.join(' ')}`.trim(), folder, 'node', [file, ...args]);
  const options = ['--parallel=2', '--outputStyle=static'];
  step('repo-lint', folder, 'node', ['tools/repo-lint/main.mjs']);
  step('build, typecheck, lint', folder, 'nx', ['run-many', '-t', 'build,typecheck,lint', ...options], {
    NX_WORKSPACE_ROOT_PATH: folder,
  });
}
