// One CI job: `--project <name>` runs that project's suites; without it, all that CI_BASE affects except the drivers.
import { prepare } from '../setup/setup.mjs';
import { run } from '../setup/steps.mjs';
import { targets } from './targets.mjs';

const project = process.argv[process.argv.indexOf('--project') + 1];
const base = process.env.CI_BASE;

function selection() {
  if (process.argv.includes('--project')) return ['run-many', '-p', project];
  const rest = base ? ['affected', `--base=${base}`, '--head=HEAD'] : ['run-many'];
  return [...rest, '--exclude=tag:kind:driver'];
}

for (const { what, reason } of prepare()) console.error(`not prepared: ${what}: ${reason}`);
const options = ['--parallel=2', '--nxBail=false', '--outputStyle=static'];
process.exitCode = run('nx', [...selection(), '-t', targets.join(','), ...options]);
