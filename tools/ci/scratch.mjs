// A copy of this workspace, as it is now, in which a test may change, remove and commit what it likes.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';

const parents = ['packages', 'tools'];

/** Runs git in a folder as nobody in particular, and returns what it says. */
export function git(folder, ...args) {
  const identity = ['-c', 'user.name=scratch', '-c', 'user.email=scratch@localhost', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
  });
}

const tracked = () =>
  git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard')
    .split('\0')
    .filter((path) => path && existsSync(join(root, path)));

/** Copies one folder of every project. */
function copyOfEach(folder, name, options) {
  const all = parents.flatMap((parent) =>
    readdirSync(join(folder, parent)).map((project) => join(parent, project, name)),
  );
  for (const path of all.filter((each) => existsSync(join(root, each)))) {
    cpSync(join(root, path), join(folder, path), { recursive: true, ...options });
  }
}

/**
 * Makes the copy: one commit on `main`. Its owner calls `close`.
 * @param {{linked?: boolean, built?: boolean}} options `linked`: with the installed packages; `built`: with what is in dist
 */
export function scratchWorkspace({ linked = true, built = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'workspace-'));
  const close = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    for (const path of tracked()) cpSync(join(root, path), join(folder, path), { verbatimSymlinks: true });
    if (linked) {
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      // Links between packages are relative: in the copy they lead to the copy, all others to the one real install.
      copyOfEach(folder, 'node_modules', { verbatimSymlinks: true });
    }
    // The pinned pnpm; it is only read.
    symlinkSync(join(root, '.tools'), join(folder, '.tools'));
    if (built) copyOfEach(folder, 'dist');
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'config', 'gc.auto', '0');
    // Ignored folders are links here, and the project's patterns only mean folders.
    appendFileSync(join(folder, '.git', 'info', 'exclude'), 'node_modules\n.tools\n');
    commitAll(folder, 'workspace');
    return { folder, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Commits everything in a scratch workspace and returns the new commit. */
export function commitAll(folder, message) {
  git(folder, 'add', '--all');
  git(folder, 'commit', '-q', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD').trim();
}
