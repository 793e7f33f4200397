import type { NfsExport } from './shims/exports.js';
import type { StorageTarget } from './shims/storage-view.js';
import type { Reference } from './soap/call.js';

/** How the proxy answers, besides faults. */
export interface Settings {
  /** Most objects in one answer of RetrievePropertiesEx; 100, as with a real vCenter. */
  pageSize: number;
  /** Most objects in one answer of WaitForUpdatesEx, besides what the client asks for. */
  updatesPerAnswer: number;
  /** Looks at a task before it runs, and while it runs: 0 and 0, so that tasks are done when they are returned. */
  taskHold: { readonly queued: number; readonly running: number };
  /** Milliseconds after which a lease without progress times out; never when 0. */
  leaseTimeoutMs: number;
  /** Language of messages: a tag such as `de`. Messages are the simulator's when left out. */
  language: string | undefined;
  /** Machines with a disk have a made-up Linux guest while they have power, with VMware Tools and this account; none when left out. */
  guests:
    | {
        readonly username: string;
        readonly password: string;
        /** Whether they do nothing when they are asked to shut down. */
        readonly deaf?: boolean;
      }
    | undefined;
  /** Addresses of PCI devices that every host has switched to passthrough: `0000:02:00.0`. */
  passthrough: readonly string[];
  /** Addresses of PCI devices that every host takes for network cards which are cut into virtual functions. */
  virtualFunctions: readonly string[];
  /** Kinds of slices that the graphics cards of every host can be cut into: `grid_p40-2q`. */
  graphicsProfiles: readonly string[];
  /** What NFS servers export to the hosts. */
  exports: readonly NfsExport[];
  /** Storage systems in the network of the hosts; with any of them hosts have adapters for iSCSI and Fibre Channel. */
  storageTargets: readonly StorageTarget[];
  /** How the bytes of a disk are written for a client that exports its machine; without it none is exported. */
  streamOptimised: ((raw: AsyncIterable<Uint8Array>, sizeBytes: bigint) => AsyncIterable<Uint8Array>) | undefined;
  /** Objects that vanish while they are listed: a listing that meets one fails once, and later ones are without it. */
  readonly vanished: Reference[];
  /** Properties that the session may not read: they come in missingSet, with NoPermission. */
  readonly denied: { readonly type: string; readonly path: string }[];
}

/** What is true for a proxy that nobody told otherwise. */
export const defaultSettings = (): Settings => ({
  pageSize: 100,
  updatesPerAnswer: 100,
  taskHold: { queued: 0, running: 0 },
  leaseTimeoutMs: 0,
  language: undefined,
  guests: undefined,
  passthrough: [],
  virtualFunctions: [],
  graphicsProfiles: [],
  exports: [],
  storageTargets: [],
  streamOptimised: undefined,
  vanished: [],
  denied: [],
});
