import { Secret } from '@virt-drivers/core';
import { readFileSync } from 'node:fs';
import { startVcsimProxy } from '@virt-drivers/vcsim-proxy';
import { driver } from '../dist/index.js';

/**
 * One change among 1,000 machines, made by somebody else, until the driver's events tell of it; and what that, and a
 * listing, asked of the server.
 */
export async function measureEvent(peer, atMost) {
  const ca = readFileSync(peer.authority.certificate, 'utf8');
  const proxy = await startVcsimProxy({ upstream: peer.url, ca });
  const target = `vsphere+http://${peer.username}@${new URL(proxy.url).host}`;
  const opened = await driver.open({ target, options: { password: new Secret(peer.password) } });
  try {
    const begun = proxy.requests.length;
    let listed = 0;
    for await (const _ of opened.machines.list()) listed++;
    // 6 for the views of machines and datacenters, 12 for four pages of 250 machines that a vCenter answers by hundreds,
    // 2 for the second lane's collector, 1 for all datacenters and 1 for all datastores: none for a machine alone.
    atMost(`calls for a listing of ${listed} machines`, proxy.requests.length - begun, 24, 'calls');
    const events = await opened.events.watch({});
    const before = proxy.requests.length;
    const start = performance.now();
    await peer.govc(['vm.power', '-off', '-force', 'DC0_H0_VM7']);
    for await (const event of events) {
      if (event.kind === 'resync') throw new Error('The watch begins anew.');
      atMost('one change among 1,000 machines, until its event', performance.now() - start, 3_000, 'ms');
      break;
    }
    const listings = proxy.requests.slice(before).filter(({ method }) => method.startsWith('RetrieveProperties'));
    atMost('  listings for it', listings.length, 1, 'calls');
  } finally {
    await opened.close();
    await proxy.close();
  }
}
