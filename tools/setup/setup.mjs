// Makes a fresh clone ready to work: pinned pnpm, frozen install, Debian packages, a build, the guest image, the lab machine, vcsim.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './apt.mjs';
import { root } from './pnpm.mjs';
import { must, runBeside } from './steps.mjs';

/** The command of a tool, once that is built. */
function commandOf(tool) {
  const folder = join(root, 'tools', tool);
  const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [file] = Object.values(bin);
  return file && existsSync(join(folder, file)) ? join('tools', tool, file) : undefined;
}

/** Installs what package.json and the lockfile name; a failure ends the process. */
export const installDependencies = () => must('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only']);

async function build(projects) {
  const some = projects ? [`--projects=${projects.join(',')}`] : [];
  const args = ['run-many', '-t', 'build', '--parallel=2', '--outputStyle=static', ...some];
  if ((await runBeside('nx', args)) === 0) return [];
  return [{ what: 'build', reason: 'a package does not build; the output says which', broken: true }];
}

async function installForPeers() {
  const missing = await installPackages();
  return missing ? [{ what: 'Debian packages', reason: missing }] : [];
}

/** What a tool makes once for all suites. */
async function madeBy(tool, what, ...args) {
  const command = commandOf(tool);
  if (!command || (await runBeside('node', [command, ...args])) === 0) return [];
  return [{ what, reason: `\`node ${[command, ...args].join(' ')}\` failed; its output says why` }];
}

/** One after the other: both may have to renew the package lists. */
async function images(tool) {
  const guest = await madeBy('guest-image', 'guest image');
  return tool ? guest : [...guest, ...(await madeBy('peers', 'lab machine', 'lab', '--build'))];
}

/** The workspace's own packages that a tool of ours uses. */
function usedBy(tool) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, 'tools', tool, 'package.json'), 'utf8'));
  return Object.keys(devDependencies).filter((name) => devDependencies[name].startsWith('workspace:'));
}

/**
 * Prepares the clone: what does not need each other is done at the same time.
 * @param {{tool?: string}} [options] only what this tool of ours needs on a libvirtd; default: what all suites need
 * @returns {Promise<{what: string, reason: string, broken?: boolean}[]>} what could not be prepared; `broken` is our own fault
 */
export async function prepare({ tool } = {}) {
  installDependencies();
  const before = await Promise.all([installForPeers(), build(tool && usedBy(tool))]);
  const made = await Promise.all([
    images(tool),
    ...(tool ? [] : [madeBy('peers', 'vCenter simulator', 'vcsim', '--build')]),
  ]);
  return [...before, ...made].flat();
}

async function main() {
  if (process.argv.includes('--install-only')) return installDependencies();
  const gaps = await prepare();
  for (const { what, reason } of gaps) console.log(`not prepared: ${what}: ${reason}`);
  if (gaps.some(({ broken }) => broken)) process.exitCode = 1;
  else console.log('ready: npm run demo, npm test');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
