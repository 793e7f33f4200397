// Makes a fresh clone ready to work: pinned pnpm, frozen install, Debian packages, a build, the guest image, vcsim.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './apt.mjs';
import { root } from './pnpm.mjs';
import { must, run } from './steps.mjs';

/** The command of a tool, once that is built. */
function commandOf(tool) {
  const folder = join(root, 'tools', tool);
  const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [file] = Object.values(bin);
  return file && existsSync(join(folder, file)) ? join('tools', tool, file) : undefined;
}

/** Installs what package.json and the lockfile name; a failure ends the process. */
export const installDependencies = () => must('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only']);

/**
 * Prepares the clone.
 * @returns {{what: string, reason: string, broken?: boolean}[]} what could not be prepared; `broken` is our own fault
 */
export function prepare() {
  const gaps = [];
  installDependencies();
  const missing = installPackages();
  if (missing) gaps.push({ what: 'Debian packages', reason: missing });
  if (run('nx', ['run-many', '-t', 'build', '--parallel=2', '--outputStyle=static']) !== 0) {
    gaps.push({ what: 'build', reason: 'a package does not build; the output says which', broken: true });
  }
  const image = commandOf('guest-image');
  if (image && run('node', [image]) !== 0) {
    gaps.push({ what: 'guest image', reason: `\`node ${image}\` failed; its output says why` });
  }
  const peers = commandOf('peers');
  if (peers && run('node', [peers, 'vcsim', '--build']) !== 0) {
    gaps.push({ what: 'vCenter simulator', reason: `\`node ${peers} vcsim --build\` failed; its output says why` });
  }
  return gaps;
}

function main() {
  if (process.argv.includes('--install-only')) return installDependencies();
  const gaps = prepare();
  for (const { what, reason } of gaps) console.log(`not prepared: ${what}: ${reason}`);
  if (gaps.some(({ broken }) => broken)) process.exitCode = 1;
  else console.log('ready: npm run demo, npm test');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
