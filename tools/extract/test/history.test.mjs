import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commitAll, git as gitSays } from '../../ci/scratch.mjs';
import { root } from '../../setup/pnpm.mjs';
import { splitHistory } from '../history.mjs';

const git = (...request) => gitSays(...request).trim();
const scratch = mkdtempSync(join(tmpdir(), 'history-'));
const whole = join(scratch, 'whole');
const name = '@virt-drivers/driver-x';
const OWN = 'packages/driver-x/src/index.ts';

function write(path, content) {
  mkdirSync(dirname(join(whole, path)), { recursive: true });
  writeFileSync(join(whole, path), content);
}

beforeAll(() => {
  git(scratch, 'init', '-q', '-b', 'main', whole);
  write(OWN, 'one');
  write('packages/core/src/index.ts', 'one');
  commitAll(whole, 'both');
  write('packages/core/src/index.ts', 'two');
  commitAll(whole, 'core alone');
  write(OWN, 'two');
  commitAll(whole, 'driver alone');
});
afterAll(() => rmSync(scratch, { recursive: true }));

it('the history of a driver leaves with exactly its files, and without commits that are not its own', () => {
  const folder = join(scratch, 'alone');
  expect(splitHistory(name, folder, whole)).toBe(2);
  expect(git(folder, 'rev-parse', 'main^{tree}')).toBe(git(whole, 'rev-parse', 'HEAD:packages/driver-x'));
  expect(git(folder, 'log', '--format=%s', 'main').split('\n')).toEqual(['driver alone', 'both']);
  expect(git(folder, 'remote')).toBe('');
  expect(existsSync(`${folder}.whole`)).toBe(false);
  expect(() => splitHistory(name, folder, whole)).toThrow('is there already');
});

it('a shallow clone has no history to take along, and says how to get it', () => {
  const shallow = join(scratch, 'shallow');
  git(scratch, 'clone', '-q', '--depth=1', pathToFileURL(whole).href, shallow);
  const folder = join(scratch, 'none');
  expect(() => splitHistory(name, folder, shallow)).toThrow('git fetch --unshallow');
  expect(existsSync(folder)).toBe(false);
});

it('a driver of this repository could leave with its history', () => {
  const folder = join(scratch, 'real');
  const leave = () => splitHistory('@virt-drivers/driver-memory', folder);
  // Then there is nothing to leave with, and that has to be said.
  if (git(root, 'rev-parse', '--is-shallow-repository') === 'true') return expect(leave).toThrow('--unshallow');
  expect(leave()).toBeGreaterThan(1);
  expect(git(folder, 'rev-parse', 'main^{tree}')).toBe(git(root, 'rev-parse', 'HEAD:packages/driver-memory'));
}, 180_000);
