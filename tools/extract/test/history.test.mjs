import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { splitHistory } from '../history.mjs';

const git = (cwd, ...args) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
const scratch = mkdtempSync(join(tmpdir(), 'history-'));
afterAll(() => rmSync(scratch, { recursive: true }));

// A shallow clone has no history to take along.
const isShallow = git(root, 'rev-parse', '--is-shallow-repository') === 'true';
const title = 'the history of a driver leaves with exactly its files';

(isShallow ? it.skip : it)(
  isShallow ? `${title} [skipped: this clone is shallow]` : title,
  () => {
    const folder = join(scratch, 'alone');
    const commits = splitHistory('@virt-drivers/driver-memory', folder);
    expect(git(folder, 'rev-parse', 'main^{tree}')).toBe(git(root, 'rev-parse', 'HEAD:packages/driver-memory'));
    expect(commits).toBeGreaterThan(1);
    expect(() => splitHistory('@virt-drivers/driver-memory', folder)).toThrow('is there already');
  },
  180_000,
);
