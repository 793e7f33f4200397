// Where a driver is proven: at what its package names, or at a peer that is started for it.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from '../../setup/pnpm.mjs';

const peers = {
  // By path, so that this package's own tests need no peers.
  libvirt: async () => {
    const [{ startLibvirt }, { guestImage }] = await Promise.all([
      import('../../peers/dist/index.js'),
      import('../../guest-image/dist/index.js'),
    ]);
    const { qcow2 } = await guestImage();
    const peer = await startLibvirt();
    return { args: ['--target', peer.uri, '--tier', 'peer', '--guest-image', qcow2], stop: () => peer.stop() };
  },
};

/** Whether a driver is proven at what its package names, without a peer. */
export const needsNoPeer = ({ folder }) => existsSync(resolve(root, folder, 'conformance.config.json'));

/** Arguments of the suite for a driver, by the settings in its folder; `stop` ends what was started. Rejects when no peer can be started here. */
export async function endpointFor({ folder, manifest }) {
  const path = (...names) => resolve(root, folder, ...names);
  const known = path('test', 'known-gaps.json');
  const gaps = existsSync(known) ? ['--known-gaps', known] : [];
  if (existsSync(path('conformance.config.json'))) {
    const { target, tier } = JSON.parse(readFileSync(path('conformance.config.json'), 'utf8'));
    return { args: ['--target', target, '--tier', tier, ...gaps], stop: async () => undefined };
  }
  const start = peers[manifest.virtDrivers.platform];
  if (!start)
    throw new Error(
      `${manifest.name} has neither a conformance.config.json nor a peer in tools/release/src/endpoint.mjs.`,
    );
  const { args, stop } = await start();
  return { args: [...args, ...gaps], stop };
}
