// Which part of a whole run a change of one driver needs: the time of all tasks, and of those that the change affects.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { environment, run } from '../../setup/steps.mjs';
import { projects } from '../projects.mjs';
import { targets } from '../targets.mjs';

const LIMIT = 0.4;

function affectedBy(file) {
  const args = ['show', 'projects', '--json', '--affected', `--files=${file}`];
  const options = { cwd: root, env: environment(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync('nx', args, options));
}

/** Every task, run now: nothing comes from the cache. A failing one took its time too. */
function timesOfAll() {
  const file = join('temp', 'task-times.json');
  mkdirSync(join(root, 'temp'), { recursive: true });
  const args = ['run-many', '-t', targets.join(','), '--parallel=2', '--nxBail=false', '--skip-nx-cache'];
  run('nx', [...args, '--outputStyle=static'], { env: { VIRT_DRIVERS_TASK_RESULTS: file } });
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

const total = (tasks) => tasks.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;

/** A row per driver. */
export function shareOfDrivers() {
  const all = timesOfAll();
  for (const { project, target, milliseconds } of [...all].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 12))
    console.log(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${project}:${target}`);
  return projects()
    .filter(({ manifest }) => manifest.virtDrivers?.kind === 'driver' && !manifest.private)
    .map(({ folder, manifest }) => {
      const affected = affectedBy(join(folder, 'src', 'driver.ts'));
      const needed = total(all.filter(({ project }) => affected.includes(project)));
      const share = needed / total(all);
      const text = `${needed.toFixed(0)} of ${total(all).toFixed(0)} s, ${(100 * share).toFixed(0)} %, budget ${100 * LIMIT} %`;
      return { what: `a change of ${manifest.name}`, met: share <= LIMIT, text };
    });
}
