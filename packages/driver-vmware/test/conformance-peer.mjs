// Where a release of this driver is proven: a vCenter simulator behind the proxy that makes it strict.
import { startVcsim } from '@virt-drivers/peers';
import { nfsExport, startVcsimProxy } from '@virt-drivers/vcsim-proxy';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Passwords are neither in arguments nor in files that others can read.
async function optionsFile(options) {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-options-'));
  const file = join(folder, 'options.json');
  await writeFile(file, JSON.stringify(options), { mode: 0o600 });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The account of the guests that the proxy makes up: the simulator has none. */
const INSIDE = { username: 'root', password: 'inside' };

/**
 * Starts the simulator.
 * @returns {Promise<{args: string[], stop: () => Promise<void>}>} arguments of `virt-conformance run`
 * @throws PeerUnavailable when this machine cannot start it
 */
export async function startConformancePeer() {
  const owned = [];
  const stop = async () => {
    for (const end of owned.splice(0).reverse()) await end();
  };
  try {
    const peer = await startVcsim({ portgroups: 1, tls: false, poweredOn: false });
    owned.push(() => peer.stop());
    // What the suite attaches from another system when nobody names anything else.
    const nfs = await nfsExport(['one', 'two']);
    owned.push(() => nfs.remove());
    const proxy = await startVcsimProxy({ upstream: peer.url, settings: { guests: INSIDE, exports: [nfs] } });
    owned.push(() => proxy.close());
    const guest = { username: INSIDE.username, password: { $secret: INSIDE.password } };
    const { file, remove } = await optionsFile({ password: { $secret: peer.password }, guest });
    owned.push(remove);
    const target = `vsphere+http://${peer.username}@${new URL(proxy.url).host}`;
    const simulator = ['--simulator', `strict vcsim of ${peer.version}`];
    return { args: ['--target', target, '--tier', 'peer', ...simulator, '--options-file', file], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
