// One way to make the bytes that are published: pnpm's, which replaces what only this workspace understands.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { environment } from '../setup/steps.mjs';

/** Packs the package in `folder` into the file `tarball`, which must be an absolute path. Throws when it cannot be packed. */
export function pack(folder, tarball) {
  mkdirSync(dirname(tarball), { recursive: true });
  const { status, stdout, stderr } = spawnSync('pnpm', ['pack', '--out', tarball], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${folder} cannot be packed: ${`${stdout}${stderr}`.trim()}`);
  return tarball;
}

/** The text of the package.json inside a tarball. */
export function packedManifest(tarball) {
  const { status, stdout } = spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tarball} has no package/package.json; pack it with: pnpm pack`);
  return stdout;
}

/** What a packed package.json must not contain, because it means nothing outside of this workspace. */
export const manifestLeaks = (text) =>
  ['workspace:', '@virt-drivers/source', 'catalog:'].filter((word) => text.includes(word));

/** Whether a tarball has the reports of its API, which `virt pins upgrade` compares. */
export function carriesReports(tarball) {
  const { stdout } = spawnSync('tar', ['-tzf', tarball], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return /^package\/etc\/.+\.api\.md$/m.test(stdout ?? '');
}
