import { createKeyedMutex, type KeyedMutex } from '@virt-drivers/core/kit';
import type { Daemon } from './connection.js';
import { createAttachmentReader, type ReadAttachments } from './attachments.js';
import { createDomains, type Domains } from './domains.js';
import type { Endpoint } from './endpoint.js';
import type { LibvirtDriverOptions } from './options.js';
import { createEventHub, type EventHub } from './event-hub.js';
import { createPools, type Pools } from './pools.js';
import { createFiles, type Files } from './storage/files.js';
import { createPowerFlexPool, type PowerFlexPool } from './storage/powerflex-pool.js';
import { createVirtTypes, type VirtTypeOf } from './virt-type.js';

/** What every facet of an opened driver works with. */
export interface LibvirtSession {
  /** As the endpoint was named when it was opened. */
  readonly target: string;
  readonly daemon: Daemon;
  readonly endpoint: Endpoint;
  readonly options: LibvirtDriverOptions;
  readonly domains: Domains;
  readonly pools: Pools;
  readonly files: Files;
  /** What is behind a pool of PowerFlex; undefined for other pools. */
  readonly powerflex: FindPowerFlex;
  /** Who uses which volume. */
  readonly attachments: ReadAttachments;
  readonly virtType: VirtTypeOf;
  readonly events: EventHub;
  /** One change at a time to each machine, by id, and to each volume, by pool and name. */
  readonly locks: KeyedMutex<string>;
  /** Ends what is not the daemon's, which its opener closes. */
  close(): void;
}

/** Finds the system behind a pool by the pool's name. */
export type FindPowerFlex = (pool: string) => PowerFlexPool | undefined;

export function createSession(
  daemon: Daemon,
  endpoint: Endpoint,
  options: LibvirtDriverOptions,
  target: string,
): LibvirtSession {
  const flex = options.powerflex && createPowerFlexPool(options.powerflex);
  const powerflex: FindPowerFlex = (pool) => (pool === flex?.name ? flex : undefined);
  const pools = createPools(daemon, powerflex, endpoint.product === 'TEST');
  const domains = createDomains(daemon, endpoint, pools);
  return {
    target,
    daemon,
    endpoint,
    options,
    pools,
    domains,
    attachments: createAttachmentReader(domains),
    powerflex,
    files: createFiles(daemon, pools, powerflex),
    virtType: createVirtTypes(daemon, endpoint, options),
    events: createEventHub(daemon),
    locks: createKeyedMutex(),
    close: () => flex?.close(),
  };
}
