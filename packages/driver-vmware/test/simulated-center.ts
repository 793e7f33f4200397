import { Secret, type OpenDriver } from '@virt-drivers/core';
import { requirePeer, startVcsim, vcsimBuild, type VcsimPeer } from '@virt-drivers/peers';
import { startVcsimProxy, type VcsimProxy } from '@virt-drivers/vcsim-proxy';
import { driver, type VmwareDriverOptions } from '../src/index.js';
import { readInventory, type Inventory } from './witness.js';

type PeerOptions = NonNullable<Parameters<typeof startVcsim>[0]>;

/** A simulator, the proxy in front of it, and a driver that comes through the proxy. */
export interface SimulatedCenter {
  readonly peer: VcsimPeer;
  readonly proxy: VcsimProxy;
  readonly driver: OpenDriver;
  /** Another driver, as another process would have. */
  open(options?: VmwareDriverOptions, datacenter?: string): Promise<OpenDriver>;
  /** What another client sees, past proxy and driver. */
  witness(): Promise<Inventory>;
  stop(): Promise<void>;
}

/** Undefined where there is no simulator: the reason is printed then. Everything but the witness goes without TLS. */
export const simulatedCenter = (options: PeerOptions = {}): Promise<SimulatedCenter | undefined> =>
  requirePeer(() => startCenter(options));

/** The same for tests that ask govc too, which needs a recent Go whichever simulator serves. */
export const witnessedCenter = (options: PeerOptions = {}): Promise<SimulatedCenter | undefined> =>
  requirePeer(async () => {
    await vcsimBuild('current');
    return startCenter(options);
  });

async function startCenter(options: PeerOptions): Promise<SimulatedCenter> {
  const peer = await startVcsim({ tls: false, machines: 1, ...options });
  const owned: (() => Promise<void>)[] = [() => peer.stop()];
  const stop = async (): Promise<void> => {
    for (const end of owned.splice(0).reverse()) await end();
  };
  try {
    const proxy = await startVcsimProxy({ upstream: peer.url });
    owned.push(() => proxy.close());
    const open = async (given: VmwareDriverOptions = {}, datacenter = ''): Promise<OpenDriver> => {
      const target = `vsphere+http://${peer.username}@${new URL(proxy.url).host}/${datacenter}`;
      const opened = await driver.open({ target, options: { password: new Secret(peer.password), ...given } });
      owned.push(() => opened.close());
      return opened;
    };
    return { peer, proxy, open, driver: await open(), witness: () => readInventory(peer), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
