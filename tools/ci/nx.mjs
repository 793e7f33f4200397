// Asks the task runner about the workspace.
import { execFileSync } from 'node:child_process';
import { root } from '../setup/pnpm.mjs';
import { environment } from '../setup/steps.mjs';

/** Project names, all or those that the changes since a commit can affect, what is not committed yet included. */
export function projectNames({ base, tag } = {}) {
  const args = ['show', 'projects', '--json'];
  if (base) args.push('--affected', `--base=${base}`);
  if (tag) args.push('--projects', `tag:${tag}`);
  const output = execFileSync('nx', args, {
    cwd: root,
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output).sort();
}
