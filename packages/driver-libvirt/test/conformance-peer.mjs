// Where a release of this driver is proven: two libvirtd of our own with real QEMU machines.
import { guestImage } from '@virt-drivers/guest-image';
import { startLibvirt, startNbd } from '@virt-drivers/peers';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two volumes of another system, and the file that names them. */
async function startRemotes() {
  const storage = await startNbd();
  for (const name of ['one', 'two']) await storage.addExport(name, 1 << 20);
  const folder = await mkdtemp(join(tmpdir(), 'conformance-remotes-'));
  const file = join(folder, 'remotes.json');
  const exported = (exportName) => ({ protocol: 'nbd', server: storage.server, exportName });
  await writeFile(file, JSON.stringify([exported('one'), exported('two')]));
  return { file, stop: () => Promise.all([storage.stop(), rm(folder, { recursive: true })]) };
}

/**
 * Starts the peers.
 * @param {{old: boolean}} what `old`: a release that may not know yet what the suite asks for now
 * @returns {Promise<{args: string[], stop: () => Promise<void>}>} arguments of `virt-conformance run`
 * @throws PeerUnavailable when this machine cannot start one
 */
export async function startConformancePeer({ old }) {
  const { qcow2 } = await guestImage();
  const owned = [];
  const stop = async () => {
    for (const each of owned.splice(0).reverse()) await each.stop();
  };
  const own = async (starting) => {
    const each = await starting;
    owned.push(each);
    return each;
  };
  try {
    const peer = await own(startLibvirt({ name: 'conformance' }));
    const args = ['--target', peer.uri, '--tier', 'peer', '--guest-image', qcow2];
    // How machines run is said: 0.1.0 tries KVM with another processor than its machines get, and so believes in one that is
    // nested and stops just these.
    if (old) return { args: [...args, '--option', 'virtType=qemu'], stop };
    const other = await own(startLibvirt({ name: 'destination' }));
    const remotes = await own(startRemotes());
    // Both share this machine's network, in which their host names mean nothing.
    const migration = ['--destination', other.uri, '--option', 'migrationAddress=127.0.0.1'];
    // A machine has both screens, so that both are proven.
    return { args: [...args, ...migration, '--option', 'graphics=both', '--remotes', remotes.file], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
