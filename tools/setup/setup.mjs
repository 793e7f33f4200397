// Makes a fresh clone ready: pinned pnpm, frozen install.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pnpmBin, root } from './pnpm.mjs';

execFileSync(join(pnpmBin(), 'pnpm'), ['install', '--frozen-lockfile'], { cwd: root, stdio: 'inherit' });
