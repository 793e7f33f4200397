// Runs the steps of a proof one after the other, and says what each took.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { environment } from '../../setup/steps.mjs';

const STEP_MILLISECONDS = 15 * 60_000;
// A suite with emulated guests takes its time on a busy machine.
const SUITE_MILLISECONDS = 60 * 60_000;

/** Runs a program in `folder` with that folder's own tools first; throws with its output when it fails. */
export function step(name, folder, command, args, env = {}, milliseconds = STEP_MILLISECONDS) {
  const started = Date.now();
  const base = environment();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    env: {
      ...base,
      PATH: [join(folder, 'node_modules', '.bin'), base.PATH].join(':'),
      VIRT_DRIVERS_CACHE: base.VIRT_DRIVERS_CACHE ?? join(root, '.cache'),
      VIRT_SKIPS_FILE: '',
      ...env,
    },
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: milliseconds,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    const said = [error?.message, `${stdout}${stderr}`.trim()].filter(Boolean).join('\n');
    throw new Error(`${name} failed after ${seconds} s in ${folder}: ${said}`);
  }
  console.log(`ok ${seconds.padStart(6)} s  ${name}`);
  return stdout;
}

/** Installs, builds and tests what stands alone; of the tests only those in files like `only`. Returns how many there were, by outcome. */
export function proveAlone({ folder, manifest }, { quick = false, only = [] } = {}) {
  step('npm install', folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']);
  // The build checks the types of the sources already.
  if (!quick) step('tsc', folder, 'tsc', ['-p', 'tsconfig.json']);
  step('tsup', folder, 'tsup', []);
  const options = { NODE_OPTIONS: '--experimental-vm-modules' };
  step('jest', folder, 'jest', ['--passWithNoTests', ...only], options, SUITE_MILLISECONDS);
  const settings = join(folder, 'conformance.config.json');
  if (existsSync(settings)) {
    const { target, tier } = JSON.parse(readFileSync(settings, 'utf8'));
    const args = ['run', '--driver', manifest.name, '--target', target, '--tier', tier];
    step('conformance on the build', folder, 'virt-conformance', args, {}, SUITE_MILLISECONDS);
  }
  return outcomesOf(join(folder, 'temp', 'jest.json'));
}

function outcomesOf(file) {
  const outcomes = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).map(({ outcome }) => outcome) : [];
  const count = (kind) => outcomes.filter((each) => each === kind).length;
  return { passed: count('passed'), skipped: count('skipped') };
}
