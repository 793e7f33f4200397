import {
  DriverError,
  poolId,
  type CallOptions,
  type Machine,
  type MachineId,
  type MigrationPlan,
  type MigrationTicket,
  type Task,
  type TaskProgress,
  type VolumeId,
} from '@virt-drivers/core';
import { createTask } from '@virt-drivers/core/kit';
import {
  DomainXmlFlags,
  domainMigrateSetMaxDowntime,
  migrateDomain,
  migrateDomainToUri,
  type Connection,
} from '@virt-drivers/libvirt';
import { consoleLogOf, removeConsoleLog } from '../console-log.js';
import { readDisks } from '../convert/machine-xml.js';
import { serialize, textAt } from '../convert/xml.js';
import { aboutMachine, domainOf, type DomainView } from '../domains.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { newTaskId } from '../storage/making.js';
import { removeVolume } from '../storage/removal.js';
import { openDestination } from './destination.js';
import { MIGRATION_ERRORS } from './errors.js';
import { checkMigrationExtensions, type LibvirtMigrationExtensions } from './extensions.js';
import { migrationFlags, migrationParameters } from './parameters.js';
import { watchMove } from './progress.js';
import { rewriteDomain, type Rewriting } from './rewrite.js';
import { readTicket, type TicketDetail } from './ticket.js';
import { transferVolume } from './volume-transfer.js';

/** Longer than a network that is only slow takes, far shorter than TCP, which gives up after a quarter of an hour. */
const STALLED_SECONDS = 60;

/** One move, everything decided. */
interface Move {
  readonly source: LibvirtSession;
  readonly destination: LibvirtSession;
  /** To the source, for this move alone: the daemon ends the migration when this connection ends. */
  readonly connection: Connection;
  readonly view: DomainView;
  readonly plan: MigrationPlan;
  readonly extensions: LibvirtMigrationExtensions;
  readonly ticket: TicketDetail;
}

/** Starts a move that was prepared. Errors before it starts: `MIGRATION.TICKET_INVALID`, `MIGRATION.INCOMPATIBLE`. */
export function startMove(session: LibvirtSession, plan: MigrationPlan, given: MigrationTicket): Task<Machine> {
  const ticket = readTicket(given);
  const extensions = checkMigrationExtensions(plan.extensions);
  if (ticket.uuid !== plan.machine) {
    const text = `Ticket is for machine ${ticket.uuid}, not for ${plan.machine}; prepare this migration.`;
    throw new DriverError('MIGRATION.TICKET_INVALID', text, { subject: plan.machine });
  }
  return createTask({
    id: newTaskId(),
    run: (report, signal) =>
      session.locks.run(plan.machine, { signal }, () =>
        runMove(session, { plan, extensions, ticket }, report, { signal }),
      ),
  });
}

async function runMove(
  source: LibvirtSession,
  decided: Pick<Move, 'plan' | 'extensions' | 'ticket'>,
  report: (progress: TaskProgress) => void,
  options: CallOptions,
): Promise<Machine> {
  const destination = await openDestination(decided.ticket, options);
  try {
    const connection = await source.daemon.dedicated(options);
    try {
      const view = await source.domains.view(decided.plan.machine, options);
      const move: Move = { source, destination: destination.session, connection, view, ...decided };
      report({ phase: 'copying what does not change' });
      await transferFixed(move, options);
      await transfer(move, report, options);
      const { machine } = await destination.session.domains.view(decided.plan.machine, {});
      await leaveNothing(move);
      return machine;
    } finally {
      await connection.close();
    }
  } finally {
    await destination.close();
  }
}

/** Volumes that QEMU does not copy: those that are only read, and all of a machine that does not run. */
const isFixed = ({ plan, view }: Move, target: string): boolean =>
  plan.mode === 'offline' || readDisks(view.document).some((disk) => disk.target === target && disk.readOnly);

async function transferFixed(move: Move, options: CallOptions): Promise<void> {
  const made = new Set(move.ticket.made.map(({ pool, key }) => `${pool}/${key}`));
  for (const { target, volume, copied } of move.ticket.disks) {
    // A volume that the plan named has its content already.
    if (!copied || !isFixed(move, target) || !made.has(`${volume.pool}/${volume.key}`)) continue;
    const old = volumeAt(move, target);
    if (!old) continue;
    const { backing } = await move.source.files.read(old, options);
    if (backing) {
      const text = `Volume ${old.key} continues another one and cannot be copied while its machine is stopped. Copy it first, and name the copy in the plan.`;
      throw new DriverError('MIGRATION.INCOMPATIBLE', text, { subject: old.key });
    }
    await transferVolume({ session: move.source, id: old }, { session: move.destination, id: idOf(volume) }, options);
  }
}

function volumeAt({ view }: Move, target: string): VolumeId | undefined {
  const disk = readDisks(view.document).find((one) => one.target === target);
  return view.machine.disks.find(({ id }) => id === disk?.id)?.volume;
}

/** The move itself; afterwards the machine is on exactly one side. */
async function transfer(move: Move, report: (progress: TaskProgress) => void, options: CallOptions): Promise<void> {
  const { source, destination, connection, plan, extensions, ticket, view } = move;
  const copied = ticket.disks.filter((disk) => disk.copied && !isFixed(move, disk.target)).map(({ target }) => target);
  const flags = migrationFlags(plan, extensions, copied.length > 0);
  const params = migrationParameters(plan, extensions, ticket, await documentsOf(move, options), copied);
  const about = { ...aboutMachine(plan.machine), means: MIGRATION_ERRORS };
  // The destination is asked for it by its native name.
  const domain = { ...view.domain, name: textAt(view.document, 'name') ?? view.domain.name };
  const stall = new AbortController();
  const seconds = extensions.stalledSeconds ?? STALLED_SECONDS;
  const stalled = { afterMilliseconds: seconds * 1000, tell: () => stall.abort() };
  const stop = plan.mode === 'live' ? watchMove(source, plan, { report, stalled }) : undefined;
  const until = { ...options, signal: AbortSignal.any([stall.signal, ...(options.signal ? [options.signal] : [])]) };
  try {
    await setDowntime(move, options);
    if (extensions.lead === 'source' || extensions.lead === 'tunnel') {
      await migrateDomainToUri({ source: connection, domain, uri: ticket.uri, flags, params }, until);
    } else {
      await destination.daemon.dedicated(options).then(async (there) => {
        const migration = { source: connection, destination: there, domain, flags, params };
        await migrateDomain(migration, until).finally(() => there.close());
      });
    }
  } catch (error) {
    if (stall.signal.aborted) throw stalledError(plan.machine, seconds, error);
    throw toDriverError(error, about);
  } finally {
    await stop?.();
  }
}

function stalledError(id: MachineId, seconds: number, cause: unknown): DriverError {
  const text = `Migration of machine ${id} sent nothing for ${seconds} s and was given up; the machine stays where it is. Check the network between the hosts.`;
  return new DriverError('MIGRATION.FAILED', text, { subject: id, cause });
}

async function setDowntime({ connection, plan, view }: Move, options: CallOptions): Promise<void> {
  if (plan.downtime === undefined || plan.mode === 'offline') return;
  const milliseconds = plan.downtime / 1_000_000n;
  await domainMigrateSetMaxDowntime(connection, view.domain, milliseconds < 1n ? 1n : milliseconds, 0, options);
}

/** What the machine is told to be on its new host: now, and when it is started again. With its passwords, so never kept. */
async function documentsOf(
  move: Move,
  options: CallOptions,
): Promise<{ readonly live: string; readonly stored: string }> {
  const { source, view, plan } = move;
  const rewriting = await rewritingOf(move, options);
  const { Migratable, Secure, Inactive } = DomainXmlFlags;
  const rewritten = async (flags: number): Promise<string> => {
    const document = await source.domains.document(domainOf(plan.machine), options, flags);
    rewriteDomain(document, rewriting);
    return serialize(document);
  };
  const stored = await rewritten(Migratable | Secure | Inactive);
  return { stored, live: view.machine.state === 'stopped' ? stored : await rewritten(Migratable | Secure) };
}

async function rewritingOf({ destination, ticket }: Move, options: CallOptions): Promise<Rewriting> {
  const chains = await Promise.all(
    ticket.disks.map(
      async ({ target, volume }) => [target, await destination.files.chain(idOf(volume), options)] as const,
    ),
  );
  return {
    chains: new Map(chains),
    networks: new Map(ticket.nics.map(({ id, network }) => [id, network])),
    ...(ticket.consoleLog === undefined ? {} : { consoleLog: ticket.consoleLog }),
  };
}

/**
 * What the machine leaves behind: volumes that moved, and its console log. The machine runs elsewhere by now, whatever
 * becomes of this; a volume that cannot be removed is found by its name.
 */
async function leaveNothing(move: Move): Promise<void> {
  const { source, view, ticket } = move;
  const volumes = ticket.disks.flatMap(({ target, copied }) => (copied ? (volumeAt(move, target) ?? []) : []));
  await Promise.allSettled(volumes.map((volume) => removeVolume(source, volume, {})));
  if (ticket.consoleLog === undefined || (await sharesLog(move).catch(() => false))) return;
  await Promise.allSettled([removeConsoleLog(source, view.document, {})]);
}

/** On storage that both hosts see, the machine's log goes on in the same file. */
async function sharesLog(move: Move): Promise<boolean> {
  const { source, view, ticket } = move;
  const log = consoleLogOf(view.document);
  if (log === undefined || log !== ticket.consoleLog) return false;
  const { pool } = await source.pools.locate(log, {});
  return ticket.disks.some(({ target, copied }) => !copied && volumeAt(move, target)?.pool === pool);
}

const idOf = ({ pool, key }: { readonly pool: string; readonly key: string }): VolumeId => ({
  pool: poolId(pool),
  key,
});
