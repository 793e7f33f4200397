import type { CertificateAuthority } from './certificate-authority.js';
import type { VcsimVariant } from './vcsim-build.js';

/** A running vCenter simulator, reachable on 127.0.0.1 by the vSphere protocol. */
export interface VcsimPeer {
  /** `https://127.0.0.1:PORT/sdk`, or `http:` without TLS. Stays the same over restarts. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Which simulator serves: `govmomi 0.54.0` */
  readonly version: string;
  readonly variant: VcsimVariant;
  /** Issued the server's certificate; undefined without TLS. */
  readonly authority: CertificateAuthority | undefined;
  /** Holds everything of the peer, its datastores included; gone after {@link stop}. */
  readonly directory: string;
  /** Number of its process; that of the last one while it does not run. */
  readonly pid: number;
  /** Keeps the inventory of this moment for the next {@link start} or {@link restart}. Sessions are never kept. */
  save(): Promise<void>;
  /** Ends the process at once, as a power failure does. What was saved stays, and so do the datastores' files. */
  kill9(): Promise<void>;
  /** Starts the process again, with the inventory that was saved last, or a new one. */
  start(): Promise<void>;
  /** `save()`, `kill9()`, `start()`: like a vCenter that is restarted, it forgets sessions and nothing else. */
  restart(): Promise<void>;
  /**
   * Runs govmomi's command line client against this peer, or against `url` that leads to it, and answers its stdout.
   * @throws PeerUnavailable where no Go is recent enough to build it.
   */
  govc(args: readonly string[], options?: GovcOptions): Promise<string>;
  /** The end of what the simulator logged. */
  logTail(): string;
  /** Ends everything and removes the directory; may be called twice. */
  stop(): Promise<void>;
}

export interface GovcOptions {
  /** Another way to the peer; {@link VcsimPeer.url} when left out. */
  readonly url?: string;
  /** PEM file of the authority that its certificate is checked against; the peer's when left out. */
  readonly authority?: string;
  /** Written to stdin. */
  readonly input?: string;
}
