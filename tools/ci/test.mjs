// `npm test`: everything, from a fresh clone to one verdict. The last line is `N passed, N failed, N skipped`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { prepare } from '../setup/setup.mjs';
import { run } from '../setup/steps.mjs';
import { projectFolder } from './projects.mjs';
import { reportsIn, summarise } from './results.mjs';
import { projectTable, skipLines } from './table.mjs';
import { targets } from './targets.mjs';

const taskFile = join('temp', 'tasks.json');

/** A step of the whole run as a task, so that it is counted and shown like the rest. */
function step(target, command, args) {
  const started = Date.now();
  const status = run(command, args) === 0 ? 'success' : 'failure';
  return { project: 'workspace', target, status, milliseconds: Date.now() - started };
}

function runProjects() {
  mkdirSync(join(root, 'temp'), { recursive: true });
  rmSync(join(root, taskFile), { force: true });
  const args = ['run-many', '-t', targets.join(','), '--parallel=2', '--nxBail=false', '--outputStyle=static'];
  const code = run('nx', args, { env: { VIRT_DRIVERS_TASK_RESULTS: taskFile } });
  const tasks = existsSync(join(root, taskFile)) ? JSON.parse(readFileSync(join(root, taskFile), 'utf8')) : [];
  const told = tasks.some(({ status }) => status === 'failure');
  return code === 0 || told ? tasks : [...tasks, { project: 'workspace', target: 'nx', status: 'failure' }];
}

/** What setup could not prepare: a skipped proof on a laptop, a failure in CI. */
function gapTask(gaps) {
  const strict = process.env.CI === 'true';
  const cases = gaps.map(({ what, reason, broken }) => ({
    name: `${what}: ${reason}`,
    outcome: strict || broken ? 'failed' : 'skipped',
    reason: `${what}: ${reason}`,
  }));
  return { project: 'workspace', target: 'setup', status: 'success', cases };
}

function print({ rows, failures, skips, passed }) {
  console.log(`\n${projectTable(rows).join('\n')}`);
  if (failures.length > 0) console.log('\nFailed:');
  for (const { project, name } of failures) console.log(`- ${project}: ${name}`);
  if (skips.length > 0) console.log('\nNot tested:');
  for (const line of skipLines(skips)) console.log(line);
  console.log(`\n${passed} passed, ${failures.length} failed, ${skips.length} skipped`);
}

// Also a run that cannot even be prepared ends with a verdict.
let done = false;
process.on('exit', () => {
  if (!done) console.log('\n0 passed, 1 failed, 0 skipped');
});

const gaps = prepare();
const tasks = [
  gapTask(gaps),
  step('repo-lint', 'node', ['tools/repo-lint/main.mjs']),
  ...runProjects(),
  step('node-versions', 'node', ['tools/ci/node-matrix.mjs', '--quick']),
];
const summary = summarise(tasks, (project) => reportsIn(projectFolder(project)));
print(summary);
done = true;
process.exitCode = summary.failures.length > 0 ? 1 : 0;
