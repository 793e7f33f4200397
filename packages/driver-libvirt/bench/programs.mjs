import { execFile, execFileSync } from 'node:child_process';
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

/** Waits until the disk has what was written before: it would be written beside, and on the account of, what is next. */
export const settle = () => execFileSync('sync');

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
