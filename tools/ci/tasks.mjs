// Runs targets of projects through the task runner, and says how each task ended.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { run } from '../setup/steps.mjs';
import { targets } from './targets.mjs';

const taskFile = join('temp', 'tasks.json');

/** A step of a run as a task, so that it is counted and shown like the rest. */
export function step(target, command, args) {
  const started = Date.now();
  const status = run(command, args) === 0 ? 'success' : 'failure';
  return { project: 'workspace', target, status, milliseconds: Date.now() - started };
}

/**
 * Every target of these projects. The reports are left in their temp folders.
 * @param {string[]} names of projects; none run nothing
 */
export function runProjects(names) {
  if (names.length === 0) return [];
  mkdirSync(join(root, 'temp'), { recursive: true });
  rmSync(join(root, taskFile), { force: true });
  const what = ['run-many', '-p', names.join(','), '-t', targets.join(',')];
  const options = ['--parallel=2', '--nxBail=false', '--outputStyle=static'];
  const code = run('nx', [...what, ...options], { env: { VIRT_DRIVERS_TASK_RESULTS: taskFile } });
  const tasks = existsSync(join(root, taskFile)) ? JSON.parse(readFileSync(join(root, taskFile), 'utf8')) : [];
  const told = tasks.some(({ status }) => status === 'failure');
  return code === 0 || told ? tasks : [...tasks, { project: 'workspace', target: 'nx', status: 'failure' }];
}

/** What setup could not prepare: a skipped proof on a laptop, a failure in CI. */
export function gapTask(gaps) {
  const strict = process.env.CI === 'true';
  const cases = gaps.map(({ what, reason, broken }) => ({
    name: `${what}: ${reason}`,
    outcome: strict || broken ? 'failed' : 'skipped',
    reason: `${what}: ${reason}`,
  }));
  return { project: 'workspace', target: 'setup', status: 'success', cases };
}
