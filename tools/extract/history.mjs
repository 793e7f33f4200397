// `node tools/extract/history.mjs <driver> <folder>`: a new repository with the history of that driver's package alone.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/pnpm.mjs';
import { driverName } from './extract.mjs';

function git(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed in ${cwd}: ${stderr.trim()}`);
  return stdout.trim();
}

/**
 * Makes `folder`, a repository whose branch main is the history of the package at HEAD of the repository `whole`. Returns
 * the number of commits.
 */
export function splitHistory(name, folder, whole = root) {
  if (existsSync(folder)) throw new Error(`${folder} is there already; name a folder that is not.`);
  if (git(whole, 'rev-parse', '--is-shallow-repository') === 'true')
    throw new Error(`${whole} is a shallow clone, without the history; run there: git fetch --unshallow`);
  const prefix = `packages/${name.replace(/^@[^/]+\//, '')}`;
  const clone = `${folder}.whole`;
  try {
    git(whole, 'clone', '-q', '--no-tags', whole, clone);
    git(clone, 'subtree', 'split', '-q', `--prefix=${prefix}`, '-b', 'alone');
    git(whole, 'clone', '-q', '--no-tags', '--single-branch', '--branch', 'alone', clone, folder);
    git(folder, 'branch', '-q', '-m', 'alone', 'main');
    git(folder, 'remote', 'remove', 'origin');
  } finally {
    rmSync(clone, { recursive: true, force: true, maxRetries: 3 });
  }
  return Number(git(folder, 'rev-list', '--count', 'main'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const folder = resolve(process.argv[3] ?? '');
    console.log(`${folder}: ${splitHistory(driverName(process.argv[2]), folder)} commits`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
