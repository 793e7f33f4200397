// The Node versions that are promised, as programs: this process, or fetched once into .nodes/.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { environment } from '../setup/steps.mjs';

export const versions = ['20.20.2', '22.23.3', '24.21.0'];

const majorOf = (version) => version.split('.')[0];

/**
 * The program of one Node version.
 * @param {string} version exact
 * @returns {{program: string} | {reason: string}} the reason why there is none
 */
export function nodeProgram(version) {
  if (majorOf(version) === majorOf(process.versions.node)) return { program: process.execPath };
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const home = join(root, '.nodes', version);
  const program = join(home, 'node_modules', name, 'bin', 'node');
  if (!existsSync(program)) {
    const args = ['install', '--prefix', home, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    const options = { cwd: root, env: environment(), encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] };
    const { status, stderr } = spawnSync('npm', [...args, `${name}@${version}`], options);
    if (status !== 0) return { reason: `npm could not fetch ${name}@${version}: ${stderr?.trim().split('\n')[0]}` };
  }
  return { program };
}
