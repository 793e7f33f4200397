import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { here, lastLine, PYTHON, works } from './programs.mjs';

/** Whether Nova's libvirt driver is there. */
export const hasNova = () => works(PYTHON, ['-c', 'import nova.virt.libvirt.driver']);

/** Nova's driver on the peer's daemon, in the peer's own namespaces, for it makes its disks there itself. */
export async function measureNova(peer, image, count, parallel) {
  const folder = join(peer.directory, 'nova');
  await mkdir(folder, { mode: 0o755 });
  const args = [here('peers/nova_driver.py'), peer.uri, image, folder, count, parallel].map(String);
  const { stdout } = await peer.exec(PYTHON, args, { timeoutMs: 1_200_000 });
  return lastLine(stdout);
}
