import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { driverPath } from './endpoint.mjs';

const command = join(
  dirname(createRequire(import.meta.url).resolve('@virt-drivers/cli/package.json')),
  'dist',
  'bin.js',
);

function start({ driver, target, directory }, args) {
  const env = {
    ...process.env,
    VIRT_DRIVER: driver,
    VIRT_TARGET: target,
    VIRT_OUTPUT: 'json',
    VIRT_DRIVER_PATH: driverPath,
    // Nothing of the user's is read or written.
    XDG_CONFIG_HOME: directory,
    XDG_CACHE_HOME: directory,
  };
  return spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function text(stream) {
  let all = '';
  for await (const part of stream.setEncoding('utf8')) all += part;
  return all;
}

/** The command line as a person would use it, one process each; results as data. */
export function createVirt(endpoint) {
  return {
    /** The process itself, for what goes on for a while. */
    start: (...args) => start(endpoint, args),
    /** Runs to the end; the result is what it printed, as data. Throws with what it said when it fails. */
    async run(...args) {
      const child = start(endpoint, args);
      const exit = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
      const [code, out, err] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
      if (code !== 0) throw new Error(`virt ${args.join(' ')} ended with ${code}: ${err.trim()}`);
      return out === '' ? undefined : JSON.parse(out);
    },
  };
}
