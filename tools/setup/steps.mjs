// How setup and CI run other programs: no stdin, no terminal needed, a home that exists, nothing phoned home.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pnpmBin, root } from './pnpm.mjs';

function usableHome(home) {
  try {
    accessSync(home, constants.W_OK);
    return home;
  } catch {
    const own = join(root, '.tools', 'home');
    mkdirSync(own, { recursive: true });
    return own;
  }
}

/** The environment of every program that setup and CI start. */
export function environment(base = process.env) {
  const path = [join(root, 'node_modules', '.bin'), pnpmBin(), base.PATH ?? ''].join(delimiter);
  return {
    ...base,
    HOME: usableHome(base.HOME || '/nonexistent'),
    PATH: path,
    FORCE_COLOR: '0',
    NO_COLOR: '1',
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
  };
}

/** Runs a program to its end in the workspace root and returns its exit code. */
export function run(command, args, { env = {} } = {}) {
  console.log(`\n$ ${command} ${args.join(' ')}`);
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.error) console.error(`${command} could not be started: ${result.error.message}`);
  return result.status ?? 1;
}

/** Like `run`, beside others: resolves to the exit code. What they print may be mixed. */
export function runBeside(command, args, { env = {} } = {}) {
  console.log(`\n$ ${command} ${args.join(' ')}`);
  const options = { cwd: root, env: { ...environment(), ...env }, stdio: ['ignore', 'inherit', 'inherit'] };
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Like `run`, but a failure ends the process: for steps without which nothing after makes sense. */
export function must(command, args, options) {
  const code = run(command, args, options);
  if (code === 0) return;
  console.error(`${command} failed with exit code ${code}; see above.`);
  process.exit(code);
}
