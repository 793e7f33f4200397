// `npm run lint`: every rule, over the whole tree. The task runner repeats only what changed.
import { installDependencies } from '../setup/setup.mjs';
import { run } from '../setup/steps.mjs';
import { checks } from './checks.mjs';

const ofProjects = ['run-many', '-t', 'lint,typecheck', '--parallel=2', '--nxBail=false', '--outputStyle=static'];
const steps = [...checks, ['projects', 'nx', ofProjects]];
installDependencies();
const failed = steps.filter(([, command, args]) => run(command, args) !== 0);
for (const [name, command, args] of failed) console.error(`failed: ${name}: ${command} ${args.join(' ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
