import type { FaultPlan } from './faults/fault-plan.js';
import type { LoggedRequest } from './request-log.js';
import type { ServerCertificate } from './server/listener.js';
import type { Settings } from './settings.js';

export interface VcsimProxyOptions {
  /** `https://127.0.0.1:PORT/sdk` of the simulator. */
  readonly upstream: string;
  /** PEM text of the authority that the simulator's certificate is checked against. */
  readonly ca?: string;
  /** Makes the proxy serve TLS. */
  readonly tls?: ServerCertificate;
  /** Port on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** Refuses requests that a real server refuses; true when left out. */
  readonly strict?: boolean;
  /** How it answers; {@link Settings} that are left out have their defaults. */
  readonly settings?: Partial<Settings>;
}

/** A running proxy. */
export interface VcsimProxy {
  /** Where clients find it: the path of the simulator on the proxy's own port. */
  readonly url: string;
  /** What came in, the newest last. */
  readonly requests: readonly LoggedRequest[];
  /** Scripts what goes wrong. */
  readonly faults: FaultPlan;
  /** Requests that were not valid, in words. */
  readonly refused: readonly string[];
  /** Methods that could not be validated, because the tables lack them. */
  readonly unchecked: ReadonlySet<string>;
  /** Methods that were answered by a stand-in: what they prove is simulated by us. */
  readonly shimmed: ReadonlySet<string>;
  /** Those of them that were answered since this was called last. */
  takeShimmed(): readonly string[];
  /** How it answers; may be changed while it runs. */
  readonly settings: Settings;
  /** Sessions that were opened and not ended; those that the simulator let expire are counted too. */
  readonly openSessions: number;
  /** New connections see another certificate, and the old ones end. */
  changeCertificate(tls: ServerCertificate): void;
  /** Resets all connections at once. */
  dropConnections(): void;
  close(): Promise<void>;
}
