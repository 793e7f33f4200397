import { execFile, execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Debian's own interpreter, the one that has libvirt's and Nova's modules. */
export const PYTHON = '/usr/bin/python3';

/** Runs a program that prints one JSON object in its last line. */
export async function measured(program, args) {
  const { stdout } = await run(program, args.map(String), { timeout: 1_200_000, maxBuffer: 2 ** 26 });
  return lastLine(stdout);
}

export const lastLine = (text) => JSON.parse(text.trim().split('\n').at(-1));

const MIB = 1 << 20;

/**
 * Gives what comes next an even start: the disk has what was written before, which would be written beside it and on its
 * account; and memory for 1.5 GiB of files is the machine's own. A virtual one gives free pages back to its host, and
 * whoever fills them first waits for each: four times as long as `qemu-img convert` takes without.
 */
export function settle() {
  const file = join(tmpdir(), `bench-memory-${process.pid}`);
  const block = Buffer.alloc(MIB, 1);
  const handle = openSync(file, 'w');
  try {
    for (let written = 0; written < 1536 * MIB; written += block.length) writeSync(handle, block);
    execFileSync('sync');
  } finally {
    closeSync(handle);
    rmSync(file);
  }
}

/** Seconds that a program takes. */
export async function seconds(program, args) {
  const begin = performance.now();
  await run(program, args, { timeout: 1_200_000 });
  return (performance.now() - begin) / 1000;
}

export const works = (program, args) =>
  run(program, args).then(
    () => true,
    () => false,
  );
