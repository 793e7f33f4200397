import {
  DriverError,
  isDriverError,
  machineId,
  networkId,
  poolId,
  type CallOptions,
  type MachineId,
  type MigrationPlan,
  type MigrationTicket,
  type VolumeId,
} from '@virt-drivers/core';
import { deadlineIn, delay, withUndo, type UndoStack } from '@virt-drivers/core/kit';
import {
  connectCompareHypervisorCpu,
  domainIsPersistent,
  domainLookupByUuid,
  nodeGetInfo,
} from '@virt-drivers/libvirt';
import { consoleLogPath } from '../console-log.js';
import { aboutMachine, domainOf } from '../domains.js';
import { planNic } from '../nic-planning.js';
import type { LibvirtSession } from '../session.js';
import { arrivingVolume, takeBack } from './arriving-volume.js';
import { readDeparture, type Departure } from './departure.js';
import { ofTunnel } from './obstacles.js';
import { makeTicket, readDetail, type TicketDetail } from './ticket.js';

/** Makes room for a machine. After an error nothing remains. */
export async function prepareArrival(
  session: LibvirtSession,
  plan: MigrationPlan,
  description: Parameters<typeof readDeparture>[0],
  options: CallOptions,
): Promise<MigrationTicket> {
  const departure = readDeparture(description);
  const [obstacle] = ofTunnel(plan);
  if (obstacle) throw incompatible(obstacle.message);
  await refuseGuest(session, plan, departure, options);
  const nics = await arrivingNics(session, plan, departure, options);
  return withUndo(async (undo) => {
    const disks = await arrivingDisks(session, plan, departure, undo, options);
    const consoleLog = departure.keepsConsoleLog ? await logFile(session, departure, disks, options) : undefined;
    const { migrationUri, migrationAddress } = session.options;
    return makeTicket(departure.name, {
      uri: migrationUri ?? session.target,
      ...(migrationAddress === undefined ? {} : { address: migrationAddress }),
      endpoint: session.endpoint.id,
      uuid: departure.uuid,
      disks: disks.map(({ target, volume, copied }) => ({ target, volume, copied })),
      nics,
      ...(consoleLog === undefined ? {} : { consoleLog }),
      made: disks.flatMap(({ volume, made }) => (made ? [volume] : [])),
    });
  });
}

/** Takes back what was made for a machine that did not come; one that is here keeps everything. */
export async function discardArrival(
  session: LibvirtSession,
  ticket: MigrationTicket,
  options: CallOptions,
): Promise<void> {
  const { endpoint, uuid, made } = readDetail(ticket);
  if (endpoint !== session.endpoint.id) {
    const text = `Ticket was made by endpoint ${endpoint}, not by ${session.endpoint.id}; give it back there.`;
    throw new DriverError('MIGRATION.TICKET_INVALID', text);
  }
  await untilDecided(session, uuid, options);
  if (await isHere(session, uuid, options)) return;
  for (const volume of made) await takeBack(session, asVolume(volume))(options);
}

/** How long the daemon may take to see that a machine will not come, and to remove what it had of it. */
const DECIDING = { seconds: 30 };
const BETWEEN_LOOKS = { milliseconds: 250 };

/**
 * A machine whose memory is still expected is neither here nor not: its daemon ends that when it learns of the failure.
 * Looked at again and again: the last event of such a machine comes before it has left the daemon's list.
 */
async function untilDecided(session: LibvirtSession, uuid: string, options: CallOptions): Promise<void> {
  const id = machineId(uuid);
  const deadline = options.deadline ?? deadlineIn(DECIDING);
  while (!(await isDecided(session, id, options))) {
    if (deadline.getTime() - Date.now() > BETWEEN_LOOKS.milliseconds) await delay(BETWEEN_LOOKS, options);
    else {
      const text = `Machine ${id} is still expected to arrive; end its migration on the source, then try again.`;
      throw new DriverError('MACHINE.BUSY', text, { subject: id });
    }
  }
}

/** Machines of ours are kept by their daemon; one that is not is on its way here, or about to be gone. */
async function isDecided({ daemon }: LibvirtSession, id: MachineId, options: CallOptions): Promise<boolean> {
  try {
    const persistent = await daemon.call({ ...aboutMachine(id), reads: true }, options, (connection, call) =>
      domainIsPersistent(connection, domainOf(id), call),
    );
    return persistent === 1;
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return true;
    throw error;
  }
}

async function isHere({ daemon }: LibvirtSession, uuid: string, options: CallOptions): Promise<boolean> {
  const id = machineId(uuid);
  try {
    await daemon.call({ what: `Machine ${uuid}`, subject: uuid, reads: true }, options, (connection, call) =>
      domainLookupByUuid(connection, domainOf(id).uuid, call),
    );
    return true;
  } catch (error) {
    if (isDriverError(error, 'MACHINE.NOT_FOUND')) return false;
    throw error;
  }
}

/** Refuses a machine that cannot run here. Nothing is changed. */
async function refuseGuest(
  session: LibvirtSession,
  { host }: MigrationPlan,
  { endpoint: from, uuid, architecture, virtType, cpuXml, memoryBytes }: Departure,
  options: CallOptions,
): Promise<void> {
  const { daemon, endpoint } = session;
  if (host !== undefined && host !== endpoint.hostId)
    throw new DriverError('HOST.NOT_FOUND', `Host ${host} is not there; this endpoint is host ${endpoint.hostId}.`, {
      subject: host,
    });
  if (from === endpoint.id) throw incompatible(`Machine ${uuid} is on host ${endpoint.hostId} already.`);
  await untilDecided(session, uuid, options);
  if (await isHere(session, uuid, options))
    throw new DriverError(
      'MACHINE.EXISTS',
      `Machine ${uuid} is on host ${endpoint.hostId} already. It may be a copy, or what an earlier migration left; delete one of the two.`,
      { subject: uuid },
    );
  if (!endpoint.host.guests.some((guest) => guest.architecture === architecture))
    throw incompatible(
      `Machine ${uuid} is of architecture ${architecture}, which host ${endpoint.hostId} does not run.`,
    );
  const { memory } = await daemon.call({ what: 'Host', reads: true }, options, nodeGetInfo);
  if (BigInt(memoryBytes) > memory * 1024n)
    throw new DriverError(
      'HOST.NOT_ENOUGH_RESOURCES',
      `Host ${endpoint.hostName} has ${memory} KiB of memory, not ${memoryBytes} bytes.`,
    );
  if (cpuXml === undefined) return;
  const comparison = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
    connectCompareHypervisorCpu(connection, undefined, architecture, undefined, virtType, cpuXml, 0, call),
  );
  // VIR_CPU_COMPARE_INCOMPATIBLE is 0; identical and superset are fine.
  if (comparison === 0)
    throw incompatible(`Machine ${uuid} has a processor with features that host ${endpoint.hostId} lacks.`);
}

async function arrivingNics(
  session: LibvirtSession,
  { nics = [] }: MigrationPlan,
  departure: Departure,
  options: CallOptions,
): Promise<TicketDetail['nics']> {
  const arriving = departure.nics.map(({ id, network }) => ({
    id,
    network: nics.find(({ nic }) => nic === id)?.network ?? networkId(network),
  }));
  // Planning a nic checks that its network is here.
  for (const { id, network } of arriving) await planNic(session, { network, macAddress: id }, options);
  return arriving;
}

type ArrivingDisk = Awaited<ReturnType<typeof arrivingVolume>> & { readonly target: string };

async function arrivingDisks(
  session: LibvirtSession,
  { disks: wishes = [] }: MigrationPlan,
  departure: Departure,
  undo: UndoStack,
  options: CallOptions,
): Promise<readonly ArrivingDisk[]> {
  const unknown = wishes.find(({ disk }) => !departure.disks.some(({ id }) => id === disk));
  if (unknown)
    throw new DriverError('REQUEST.INVALID', `Machine ${departure.uuid} has no disk ${unknown.disk} with a volume.`, {
      subject: unknown.disk,
    });
  const arriving: ArrivingDisk[] = [];
  for (const disk of departure.disks) {
    if (!disk.volume) continue;
    const wish = wishes.find((one) => one.disk === disk.id);
    arriving.push({ target: disk.target, ...(await arrivingVolume(session, disk, wish, undo, options)) });
  }
  return arriving;
}

function logFile(
  session: LibvirtSession,
  { uuid }: Departure,
  disks: readonly { readonly volume: VolumeId }[],
  options: CallOptions,
): Promise<string | undefined> {
  return consoleLogPath(session, uuid, { disks: disks.map(({ volume }) => ({ volume })) }, options);
}

const asVolume = ({ pool, key }: { readonly pool: string; readonly key: string }): VolumeId => ({
  pool: poolId(pool),
  key,
});

const incompatible = (message: string): DriverError => new DriverError('MIGRATION.INCOMPATIBLE', message);
