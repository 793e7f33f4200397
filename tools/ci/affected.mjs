// Which projects a change can break, once it is known which it touches.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { environment } from '../setup/steps.mjs';
import { projects } from './projects.mjs';

/**
 * One project uses another. What a published package only uses in its tests reaches nobody who uses that package; of a tool
 * nobody can tell, for all its dependencies are those of development.
 * @typedef {{from: string, to: string, reachesUsers: boolean}} Use
 */

/**
 * @param {Record<string, {target: string}[]>} dependencies by project, as the task runner found them in manifests and imports
 * @returns {Use[]} those between projects of this workspace
 */
export function usesOf(dependencies, all = projects()) {
  const manifests = new Map(all.map(({ manifest }) => [manifest.name, manifest]));
  return Object.entries(dependencies)
    .filter(([from]) => manifests.has(from))
    .flatMap(([from, edges]) => edges.map(({ target }) => ({ from, to: target })))
    .filter(({ to }) => manifests.has(to))
    .map((use) => ({ ...use, reachesUsers: reachesUsers(manifests.get(use.from), use.to) }));
}

const reachesUsers = (manifest, name) =>
  manifest.private === true ||
  name in { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };

/** The project whose folder a file is in; undefined for one that belongs to the whole tree. */
export const ownerOf = (file, all) => all.find(({ folder }) => file.startsWith(`${folder}/`));

/**
 * The touched projects, whoever is built on them, and whoever tests with one of all these.
 * @param {string[]} touched
 * @param {Use[]} uses
 */
export function affectedBy(touched, uses) {
  const changed = new Set(touched);
  for (const name of changed)
    for (const { from, to, reachesUsers: reaches } of uses) if (reaches && to === name) changed.add(from);
  const testers = uses.filter(({ to }) => changed.has(to)).map(({ from }) => from);
  return [...new Set([...changed, ...testers])].sort();
}

/**
 * The projects that each of these changes can break, what is not committed yet included unless a head is named.
 * @param {({base: string, head?: string} | {files: string[]})[]} changes
 * @returns {string[][]}
 */
export function affectedProjects(changes, { cwd = root, env = environment() } = {}) {
  const output = execFileSync('node', [join('tools', 'ci', 'graph-process.mjs')], {
    cwd,
    env,
    input: JSON.stringify(changes),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: 120_000,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output.slice(output.lastIndexOf('\n[') + 1));
}
