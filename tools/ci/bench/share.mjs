// Which part of a whole run a change of one driver needs: the time of all tasks, and of those that the change affects. The times are
// those of each task's last run on this clone, which every run leaves in .cache/task-times.json.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { environment, run } from '../../setup/steps.mjs';
import { affectedProjects } from '../affected.mjs';
import { projects } from '../projects.mjs';
import { targets } from '../targets.mjs';

const LIMIT = 0.4;
const SHOWN = 12;
const timesFile = join(root, '.cache', 'task-times.json');

/** Every task of a whole run, as `{ project, name }`. */
function everyTask() {
  const folder = mkdtempSync(join(tmpdir(), 'project-graph-'));
  try {
    const file = join(folder, 'graph.json');
    execFileSync('nx', ['graph', `--file=${file}`], {
      cwd: root,
      env: environment(),
      stdio: 'ignore',
      timeout: 120_000,
    });
    return Object.values(JSON.parse(readFileSync(file, 'utf8')).graph.nodes).flatMap(({ name, data }) =>
      targets
        .filter((target) => data.targets?.[target] !== undefined)
        .map((target) => ({ project: name, name: `${name}:${target}` })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const anew = ['--parallel=2', '--nxBail=false', '--skip-nx-cache', '--outputStyle=static'];

/** Runs every task now: nothing comes from the cache. */
export const runEverything = () => run('nx', ['run-many', '-t', targets.join(','), ...anew]);

const readTimes = () => (existsSync(timesFile) ? JSON.parse(readFileSync(timesFile, 'utf8')) : {});

/** The times of these tasks. What the cache always answered here is run now. */
function timesOf(tasks) {
  const known = readTimes();
  for (const target of targets) {
    const missing = tasks.filter(({ name }) => known[name] === undefined && name.endsWith(`:${target}`));
    const names = missing.map(({ project }) => project).join(',');
    if (missing.length > 0) run('nx', ['run-many', '-t', target, '-p', names, ...anew]);
  }
  return readTimes();
}

/**
 * @param {{project: string, name: string}[]} tasks
 * @param {Record<string, number>} times milliseconds, by the name of the task
 * @param {{driver: string, affected: string[]}[]} changes
 */
export function shares(tasks, times, changes) {
  const seconds = (some) => some.reduce((sum, { name }) => sum + (times[name] ?? 0), 0) / 1000;
  const unknown = tasks.filter(({ name }) => times[name] === undefined).map(({ name }) => name);
  const total = seconds(tasks);
  return changes.map(({ driver, affected }) => {
    const needed = seconds(tasks.filter(({ project }) => affected.includes(project)));
    const told = `${needed.toFixed(0)} of ${total.toFixed(0)} s, ${((100 * needed) / total).toFixed(0)} %, budget ${100 * LIMIT} %`;
    const gaps = unknown.length === 0 ? '' : `; not counted, for they never ran here: ${unknown.join(', ')}`;
    // What never ran may be the larger part of either.
    return { what: `a change of ${driver}`, met: unknown.length === 0 && needed / total <= LIMIT, text: told + gaps };
  });
}

/** A row per driver. */
export function shareOfDrivers() {
  const tasks = everyTask();
  const times = timesOf(tasks);
  const slowest = tasks.filter(({ name }) => times[name]).sort((a, b) => times[b.name] - times[a.name]);
  for (const { name } of slowest.slice(0, SHOWN))
    console.log(`${(times[name] / 1000).toFixed(1).padStart(7)} s  ${name}`);
  const drivers = projects().filter(({ manifest }) => manifest.virtDrivers?.kind === 'driver' && !manifest.private);
  const affected = affectedProjects(drivers.map(({ folder }) => ({ files: [join(folder, 'src', 'driver.ts')] })));
  const changes = drivers.map(({ manifest }, index) => ({ driver: manifest.name, affected: affected[index] }));
  return shares(tasks, times, changes);
}
