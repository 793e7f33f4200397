import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { here, lastLine, PYTHON, works } from './programs.mjs';

const run = promisify(execFile);
const PACKAGE = 'python3-nova';

/**
 * Installs Nova's libvirt driver, which only these measurements need.
 * @returns {Promise<string | undefined>} why there is none
 */
export async function installNova() {
  const imports = ['-c', 'import nova.virt.libvirt.driver'];
  if (await works(PYTHON, imports)) return undefined;
  if (process.getuid() !== 0) return `${PACKAGE} is not installed: run \`sudo apt-get install ${PACKAGE}\``;
  const args = ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', PACKAGE];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`${PACKAGE} is being installed: it is the peer of these measurements`);
  await run('apt-get', args, { env, maxBuffer: 2 ** 26 }).catch(() => undefined);
  return (await works(PYTHON, imports)) ? undefined : `apt-get could not install ${PACKAGE}`;
}

/** Nova's driver on the peer's daemon, in the peer's own namespaces, for it makes its disks there itself. */
export async function measureNova(peer, image, count, parallel) {
  const folder = join(peer.directory, 'nova');
  await mkdir(folder, { mode: 0o755 });
  const args = [here('peers/nova_driver.py'), peer.uri, image, folder, count, parallel].map(String);
  const { stdout } = await peer.exec(PYTHON, args, { timeoutMs: 1_200_000 });
  return lastLine(stdout);
}
