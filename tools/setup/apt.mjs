// Installs the Debian packages that peers and the guest image need, where that is possible without asking anybody.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './pnpm.mjs';
import { runBeside } from './steps.mjs';

const apt = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** Every package named in apt-packages.json, once; and a Go compiler, which builds vcsim, unless there is one. */
export function wantedPackages(hasGo = programExists('go')) {
  const groups = JSON.parse(readFileSync(join(root, 'tools', 'setup', 'apt-packages.json'), 'utf8'));
  return [...new Set([...Object.values(groups).flat(), ...(hasGo ? [] : ['golang-go'])])].sort();
}

function programExists(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder && existsSync(join(folder, name)));
}

/** @param {string} status lines of `dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n'` */
export function missingPackages(wanted, status) {
  const installed = new Set(
    status
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(/[ :]/)[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

function dpkgStatus() {
  const format = '${binary:Package} ${db:Status-Status}\\n';
  return spawnSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

/**
 * Installs what is missing of these packages.
 * @returns {Promise<string | undefined>} why something is still missing
 */
export async function installPackages(wanted = wantedPackages()) {
  const status = dpkgStatus();
  if (status.error || status.status !== 0) return 'this system has no dpkg; install libvirt and QEMU by its own means';
  const missing = missingPackages(wanted, status.stdout);
  if (missing.length === 0) return undefined;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) return `not root, so these packages are missing: run \`sudo ${command}\``;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = async () => (await runBeside('apt-get', ['install', ...apt, ...missing], { env })) === 0;
  if (await install()) return undefined;
  await runBeside('apt-get', ['update', '-q'], { env });
  if (await install()) return undefined;
  return `apt-get could not install ${missing.join(' ')}`;
}
