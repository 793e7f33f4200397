// `npm run lint`: every rule, over the whole tree. The task runner repeats only what changed.
import { installDependencies } from '../setup/setup.mjs';
import { run } from '../setup/steps.mjs';

const steps = [
  ['node', ['tools/ci/format.mjs']],
  ['sherif', ['--fail-on-warnings']],
  ['node', ['tools/repo-lint/main.mjs']],
  ['node', ['tools/release/check.mjs']],
  ['node', ['tools/release/compatibility.mjs', '--check']],
  ['nx', ['run-many', '-t', 'lint,typecheck', '--parallel=2', '--nxBail=false', '--outputStyle=static']],
];
installDependencies();
const failed = steps.filter(([command, args]) => run(command, args) !== 0);
for (const [command, args] of failed) console.error(`failed: ${command} ${args.join(' ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
