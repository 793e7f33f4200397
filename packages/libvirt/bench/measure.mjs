import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const GO_PACKAGE = '/usr/share/gocode/src/github.com/digitalocean/go-libvirt';

/** The peers of the comparison: each runs one case in a process of its own and gives `{ seconds, cpu, rss }`. */
export async function peers(peer, scratch) {
  const own = (name, count) => measured(process.execPath, [here('peers/own.mjs'), peer.testUri, name, count]);
  const python = (await works('/usr/bin/python3', ['-c', 'import libvirt']))
    ? (name, count) => measured('/usr/bin/python3', [here('peers/peer.py'), peer.testUri, name, count])
    : undefined;
  const binary = buildGo(scratch);
  const go = binary && ((name, count) => measured(binary, [peer.socket, 'test:///default', name, count]));
  return { own, python, go };
}

async function measured(program, args) {
  const { stdout } = await run(program, args.map(String), { timeout: 600_000 });
  return JSON.parse(stdout);
}

async function works(program, args) {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

function buildGo(scratch) {
  if (!existsSync(GO_PACKAGE)) return undefined;
  const binary = join(scratch, 'go-peer');
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOFLAGS: '',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(scratch, 'go-cache'),
  };
  try {
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: here('peers/go'), env, stdio: 'ignore' });
    return binary;
  } catch {
    return undefined;
  }
}

/** Milliseconds to import the package in a fresh process: the median of five. */
export async function importTime() {
  const script = 'const t = performance.now(); await import(process.argv[1]); console.log(performance.now() - t)';
  const times = [];
  for (let round = 0; round < 5; round++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, here('../dist/index.js')]);
    times.push(Number(stdout));
  }
  return median(times);
}

/** Bytes of a minified program with ten calls in it: library and parts that are loaded on demand included. */
export async function bundleSize(scratch) {
  const outDir = join(scratch, 'bundle');
  const options = { entry: [here('ten-calls.mjs')], outDir, format: ['esm'], minify: true, treeshake: true };
  await build({ ...options, config: false, silent: true, noExternal: [/.*/], platform: 'node', target: 'node20' });
  return readdirSync(outDir).reduce((sum, file) => sum + statSync(join(outDir, file)).size, 0);
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
