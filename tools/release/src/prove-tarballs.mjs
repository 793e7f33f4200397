// Conformance on tarballs: installed by npm into an empty folder, as a user would.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { step } from '../../extract/src/prove.mjs';
import { environment } from '../../setup/steps.mjs';
import { endpointFor } from './endpoint.mjs';

const CONFORMANCE_MILLISECONDS = 30 * 60_000;

/** Installs exactly these into `folder`; `dependencies` are file: addresses or versions. */
export function installInto(folder, dependencies, env) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }, null, 2));
  step(
    'npm install',
    folder,
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    env,
  );
}

// Not synchronous: a peer that this process started has to go on being served.
async function runSuite(folder, args) {
  const command = join(folder, 'node_modules', '.bin', 'virt-conformance');
  const options = { cwd: folder, env: environment(), timeout: CONFORMANCE_MILLISECONDS, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(command, args, options).catch((error) => {
    throw new Error(
      `Conformance failed in ${folder}: ${`${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message}`,
    );
  });
  return stdout.trim().split('\n').at(-1);
}

/** Runs the whole suite on the driver that is installed in `folder`. Rejects when a case fails. */
export async function runConformance(driver, folder) {
  const endpoint = await endpointFor(driver);
  try {
    const report = join(folder, 'conformance.json');
    const args = ['run', '--driver', driver.manifest.name, ...endpoint.args, '--report', report];
    console.log(`ok           conformance of ${driver.manifest.name}: ${await runSuite(folder, args)}`);
  } finally {
    await endpoint.stop();
  }
}

/** Installs a driver with what it needs, and runs the whole suite on it. */
export async function proveTarballs(driver, dependencies, folder) {
  installInto(folder, dependencies);
  await runConformance(driver, folder);
}
