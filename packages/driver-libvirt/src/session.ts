import { createKeyedMutex, type KeyedMutex } from '@virt-drivers/core/kit';
import type { Daemon } from './connection.js';
import { createAttachmentReader, type ReadAttachments } from './attachments.js';
import { createDomains, type Domains } from './domains.js';
import type { Endpoint } from './endpoint.js';
import type { LibvirtDriverOptions } from './options.js';
import { createEventHub, type EventHub } from './event-hub.js';
import { createPools, type Pools } from './pools.js';
import { createFiles, type Files } from './storage/files.js';
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
  /** Who uses which volume. */
  readonly attachments: ReadAttachments;
  readonly virtType: VirtTypeOf;
  readonly events: EventHub;
  /** One change at a time to each machine, by id, and to each volume, by pool and name. */
  readonly locks: KeyedMutex<string>;
}

export function createSession(
  daemon: Daemon,
  endpoint: Endpoint,
  options: LibvirtDriverOptions,
  target: string,
): LibvirtSession {
  const pools = createPools(daemon);
  const domains = createDomains(daemon, endpoint, pools);
  return {
    target,
    daemon,
    endpoint,
    options,
    pools,
    domains,
    attachments: createAttachmentReader(domains),
    files: createFiles(daemon, pools),
    virtType: createVirtTypes(daemon, endpoint, options),
    events: createEventHub(daemon),
    locks: createKeyedMutex(),
  };
}
