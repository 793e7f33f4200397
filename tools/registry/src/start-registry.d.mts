/** How the registry behaves. */
export interface RegistryOptions {
  /** Address of a registry that answers for everything that is not `own`. Default: none, and then no network is used. */
  readonly uplink?: string;
  /** File with the certificates of the authority that vouches for the uplink, where Node does not know it. */
  readonly authorityFile?: string;
  /** Patterns of packages that only come from here. Default: `@virt-drivers/*`. */
  readonly own?: readonly string[];
}

/** How one tarball is published. */
export interface PublishOptions {
  /** Default: `latest`. */
  readonly tag?: string;
  /** What the registry is to say of the bytes, for tests in which it lies. */
  readonly integrity?: string;
}

/** A package registry on the loopback interface, at a random port. */
export interface Registry {
  /** Ends in `/`. */
  readonly url: string;
  /** Variables that make npm and pnpm use it, also for publishing. */
  readonly environment: Readonly<Record<string, string>>;
  /** Publishes exactly these bytes. Rejects when that version is there already. */
  publish(tarball: string, options?: PublishOptions): Promise<{ readonly name: string; readonly version: string }>;
  deprecate(name: string, version: string, message: string): Promise<void>;
  unpublish(name: string, version: string): Promise<void>;
  /** The file it serves, for tests that change it behind its back. */
  storedTarball(name: string, version: string): string;
  /** Ends the process and removes everything that was published. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a registry. Rejects with what it printed when it does not start. It also ends when this process does. */
export function startRegistry(options?: RegistryOptions): Promise<Registry>;
