import type { Machine, OpenDriver } from '@virt-drivers/core';
import { linkPeers, type LibvirtPeer, type PeerLink } from '@virt-drivers/peers';
import { driver, type LibvirtDriverOptions } from '../../src/index.js';
import { nextTick, startTraveller } from './traveller.js';

/** The two hosts between which a guest moves. */
export interface Hosts {
  readonly here: LibvirtPeer;
  readonly there: LibvirtPeer;
}

/** A traveller that is about to leave; both hosts are opened. */
export interface Journey {
  readonly from: OpenDriver;
  readonly to: OpenDriver;
  readonly machine: Machine;
  /** Closes both; the hosts go on. */
  end(): Promise<void>;
}

/** Opens both hosts, the first with the first of the options, and starts a traveller at the first. It counts by then. */
export async function beginJourney(
  { here, there }: Hosts,
  [ofHere, ofThere]: readonly [LibvirtDriverOptions, LibvirtDriverOptions],
): Promise<Journey> {
  const [from, to] = await Promise.all([
    driver.open({ target: here.uri, options: { ...ofHere } }),
    driver.open({ target: there.uri, options: { ...ofThere } }),
  ]);
  const machine = await startTraveller(from);
  await nextTick(from, machine.id);
  return {
    from,
    to,
    machine,
    async end() {
      await Promise.all([from.close(), to.close()]);
    },
  };
}

/** The same over a cable between hosts that have networks of their own. */
export async function beginLinkedJourney(hosts: Hosts): Promise<Journey & { readonly link: PeerLink }> {
  const link = await linkPeers(hosts.here, hosts.there);
  const [here, there] = link.addresses;
  const journey = await beginJourney(hosts, [{ migrationAddress: here }, { migrationAddress: there }]);
  return { ...journey, link };
}

/** Stops what of them was started. */
export async function stopHosts(hosts: Hosts | undefined): Promise<void> {
  await Promise.all([hosts?.here.stop(), hosts?.there.stop()]);
}
