import type { Connection } from './connection.js';
import {
  domainMigrateBegin3Params,
  domainMigrateConfirm3Params,
  domainMigrateFinish3Params,
  domainMigratePerform3Params,
  domainMigratePrepare3Params,
} from './gen/domain-migrate.gen.js';
import { DomainMigrateFlags } from './gen/enumerations.gen.js';
import { withJobAbort } from './job-abort.js';
import { isLibvirtError } from './libvirt-error.js';
import type { Domain } from './objects.js';
import type { CallOptions } from './rpc/call-options.js';
import type { TypedParameters } from './typed-parameters.js';

/** A step of a migration, in the order in which they are taken. */
export type MigrationStep = 'begin' | 'prepare' | 'perform' | 'finish' | 'confirm';

/** A migration that this program leads: it speaks to both daemons, which need not reach each other's RPC port. */
export interface DomainMigration {
  readonly source: Connection;
  readonly destination: Connection;
  readonly domain: Domain;
  /** Of `DomainMigrateFlags`, without `Peer2peer` and `Tunnelled`, which are migrations that the source leads. */
  readonly flags: number;
  /** `migrate_uri`, `destination_xml`, `persistent_xml`, `migrate_disks`, `bandwidth` (MiB/s) …: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrate3 */
  readonly params: TypedParameters;
  onStep?(step: MigrationStep): void;
}

const { ChangeProtection, AbortOnError, AutoConverge, Offline } = DomainMigrateFlags;
const NO_COOKIE = new Uint8Array();
/** What the destination says of a transfer that failed when it does not know why: that it did, or that nothing is left of it. */
const UNTELLING = ['MIGRATE_FINISH_OK', 'OPERATION_FAILED', 'INTERNAL_ERROR', 'NO_DOMAIN', 'CONNECTION_LOST'];
/** The last two steps take back what the first ones made, so they get time of their own. */
const SETTLING_MILLISECONDS = 60_000;
/** Telling the source of a failure; where it is still stopping the transfer it does not listen, and ends by itself. */
const CANCELLING_MILLISECONDS = 10_000;

/**
 * Moves a domain between two daemons, as libvirt's own client does for `virDomainMigrate3` without peer-to-peer; resolves
 * to the domain on the destination. When `signal` aborts, the source is asked to stop the transfer, and the error is the
 * daemon's, as when the destination's daemon is lost; `deadline` bounds the steps before the transfer, which takes as long
 * as it takes. However it ends, both daemons are told the outcome, so that the domain runs on exactly one of them; and when
 * this program dies, the daemons notice and the source keeps the domain.
 *
 * Errors: those of the daemons; `OPERATION_ABORTED` after an abort, `DEADLINE_EXCEEDED` when the source does not stop
 * within 20 s of one. Source: libvirt's migration protocol version 3, https://libvirt.org/migration.html.
 */
export async function migrateDomain(migration: DomainMigration, options: CallOptions = {}): Promise<Domain> {
  const { source, domain, params, onStep } = migration;
  const flags = migration.flags | ChangeProtection;
  onStep?.('begin');
  const begun = await domainMigrateBegin3Params(source, domain, params, flags, options);
  const moving = { ...params, destination_xml: begun.xml };
  let arrival: Arrival | undefined;
  try {
    arrival = await arrive(migration, { moving, cookie: begun.cookieOut, flags }, options);
    return arrival.domain;
  } finally {
    onStep?.('confirm');
    const cookie = arrival?.cookie ?? NO_COOKIE;
    const patience = settling(arrival ? SETTLING_MILLISECONDS : CANCELLING_MILLISECONDS);
    const confirming = domainMigrateConfirm3Params(source, domain, moving, cookie, flags, arrival ? 0 : 1, patience);
    // After a failure the failure is what is told; the source's daemon also learns it when the connection closes.
    await (arrival ? confirming : confirming.catch(() => undefined));
  }
}

/** A migration that the source's daemon leads: it speaks to the destination's itself. */
export interface PeerMigration {
  readonly source: Connection;
  readonly domain: Domain;
  /** How the source's daemon reaches the destination's. */
  readonly uri: string;
  /** Of `DomainMigrateFlags`; `Peer2peer` is added. */
  readonly flags: number;
  readonly params: TypedParameters;
}

/**
 * Moves a domain to the daemon at `uri`, with the source's daemon in the lead: it goes on when this program dies.
 * Errors and `signal`: as `migrateDomain`. Source: libvirt API virDomainMigrateToURI3.
 */
export async function migrateDomainToUri(migration: PeerMigration, options: CallOptions = {}): Promise<void> {
  const { source, domain, uri, params } = migration;
  const flags = migration.flags | DomainMigrateFlags.Peer2peer;
  await withJobAbort(source, domain, options.signal, () =>
    domainMigratePerform3Params(source, domain, uri, params, NO_COOKIE, flags),
  );
}

interface Arrival {
  readonly domain: Domain;
  readonly cookie: Uint8Array;
}

interface Luggage {
  readonly moving: TypedParameters;
  readonly cookie: Uint8Array;
  readonly flags: number;
}

async function arrive(migration: DomainMigration, luggage: Luggage, options: CallOptions): Promise<Arrival> {
  const { source, destination, domain, onStep } = migration;
  const { moving, cookie, flags } = luggage;
  // These two are the source's business alone. src/libvirt-domain.c virDomainMigrateVersion3Full
  const there = migration.flags & ~(AbortOnError | AutoConverge);
  onStep?.('prepare');
  const prepared = await domainMigratePrepare3Params(destination, moving, cookie, there, options);
  const bound = prepared.uriOut === undefined ? moving : { ...moving, migrate_uri: prepared.uriOut };
  const named = { destination_name: domain.name, ...bound };
  const finish = async (sent: Uint8Array, cancelled: number): Promise<Arrival> => {
    onStep?.('finish');
    const done = await domainMigrateFinish3Params(destination, named, sent, there, cancelled, settling());
    return { domain: done.domain, cookie: done.cookieOut };
  };
  if ((migration.flags & Offline) !== 0) return finish(NO_COOKIE, 0);
  onStep?.('perform');
  const lost = watchLoss(destination);
  const signal = AbortSignal.any([lost.signal, ...(options.signal ? [options.signal] : [])]);
  let sent: Uint8Array;
  try {
    sent = await withJobAbort(source, domain, signal, () =>
      domainMigratePerform3Params(source, domain, undefined, bound, prepared.cookieOut, flags),
    );
  } catch (error) {
    const reason = await reasonOf(error, finish(NO_COOKIE, 1));
    throw lost.signal.aborted ? lost.signal.reason : reason;
  }
  return finish(sent, 0);
}

/** Aborts when the connection is lost: a daemon that is gone cannot finish what is being sent to it. */
function watchLoss({ closed }: Connection): AbortController {
  const lost = new AbortController();
  void closed.then((error) => error && lost.abort(error));
  return lost;
}

/** Of a failed transfer the source often knows only that it failed, and the destination why. */
async function reasonOf(error: unknown, finished: Promise<unknown>): Promise<unknown> {
  const other: unknown = await finished.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const vague = isLibvirtError(error) && error.code === 'OPERATION_FAILED';
  const better = isLibvirtError(other) && !UNTELLING.includes(other.code);
  return vague && better ? other : error;
}

const settling = (milliseconds = SETTLING_MILLISECONDS): CallOptions => ({
  deadline: new Date(Date.now() + milliseconds),
});
