// Packs the package in the current folder as it would be published, and checks those bytes for every kind of consumer.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { environment } from '../setup/steps.mjs';

const tarball = join('temp', 'package.tgz');

function check(command, args) {
  const { status } = spawnSync(command, args, { env: environment(), stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exitCode = 1;
  return status === 0;
}

/** `workspace:` and the source condition mean nothing outside of this workspace. */
function checkManifest() {
  const tar = spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  const leaks = ['workspace:', '@virt-drivers/source', 'catalog:'].filter((word) => tar.stdout.includes(word));
  if (tar.status === 0 && leaks.length === 0) return;
  console.error(`The packed package.json must not contain ${leaks.join(', ')}; it was packed from ${process.cwd()}.`);
  process.exitCode = 1;
}

mkdirSync('temp', { recursive: true });
if (check('pnpm', ['pack', '--out', tarball])) {
  checkManifest();
  check('publint', ['--strict', tarball]);
  // node10 knows no exports, and nothing here runs on it.
  check('attw', [tarball, '--profile', 'node16', '--format', 'ascii', '--quiet']);
}
