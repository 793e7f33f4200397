// Packs the package in the current folder as it would be published, and checks those bytes for every kind of consumer.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment } from '../setup/steps.mjs';
import { carriesReports, manifestLeaks, pack, packedManifest } from './pack.mjs';

const tarball = join(process.cwd(), 'temp', 'package.tgz');

function check(command, args) {
  const { status } = spawnSync(command, args, { env: environment(), stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exitCode = 1;
}

try {
  const leaks = manifestLeaks(packedManifest(pack(process.cwd(), tarball)));
  if (leaks.length > 0) {
    console.error(`The packed package.json must not contain ${leaks.join(', ')}; it was packed from ${process.cwd()}.`);
    process.exitCode = 1;
  }
  if (!carriesReports(tarball)) {
    console.error(
      `The tarball has no etc/*.api.md; run \`npm run api\` and name etc in "files" of ${process.cwd()}/package.json.`,
    );
    process.exitCode = 1;
  }
  check('publint', ['--strict', tarball]);
  // node10 knows no exports, and nothing here runs on it.
  check('attw', [tarball, '--profile', 'node16', '--format', 'ascii', '--quiet']);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
