import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What the programs of a comparison find in their environment: no secret is in an argument. */
export const environmentOf = (peer) => ({
  ...process.env,
  VSPHERE_USER: peer.username,
  VSPHERE_PASSWORD: peer.password,
  VSPHERE_CA: peer.authority.certificate,
});

/** The clients of the comparison, each in a process of its own: `(peer, rounds) => { milliseconds, count, cpu, rss }`. */
export async function clients(scratch) {
  const measured =
    (program, ...leading) =>
    async (peer, rounds, ...trailing) => {
      const args = [...leading, peer.url, String(rounds), ...trailing];
      return JSON.parse((await run(program, args, { env: environmentOf(peer), timeout: 900_000 })).stdout);
    };
  const own = measured(process.execPath, here('peers/own.mjs'));
  const python = (await works('/usr/bin/python3', ['-c', 'import pyVmomi']))
    ? measured('/usr/bin/python3', here('peers/peer.py'))
    : undefined;
  const binary = await buildGo(scratch);
  const go = binary && ((peer, rounds) => measured(binary)(peer, rounds, here('peers/paths.json')));
  return { own, go, python };
}

/** How long one change takes to reach a watch, and how many updates came with it. */
export async function watchChange(peer) {
  const args = [here('peers/own-watch.mjs'), peer.url];
  return JSON.parse((await run(process.execPath, args, { env: environmentOf(peer), timeout: 900_000 })).stdout);
}

async function works(program, args) {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

/** govmomi's client of the release that go.mod pins, by the Go module proxy; undefined where there is no recent Go. */
async function buildGo(scratch) {
  const folder = join(scratch, 'go');
  await mkdir(folder, { recursive: true });
  await cp(here('peers/go'), folder, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
  try {
    await run('go', ['build', '-o', 'peer', '.'], { cwd: folder, env, timeout: 600_000 });
    return join(folder, 'peer');
  } catch (error) {
    console.log(`govmomi is not measured: ${String(error.stderr ?? error.message).split('\n')[0]}`);
    return undefined;
  }
}

/** Bytes of the built schema tables, which is what a program carries. */
export async function schemaBytes() {
  const text = await readFile(here('../src/gen/schema.gen.ts'), 'utf8');
  return Buffer.byteLength(text);
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
