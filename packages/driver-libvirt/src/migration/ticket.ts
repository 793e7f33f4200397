import { DriverError, type Json, type MigrationTicket } from '@virt-drivers/core';
import * as v from 'valibot';

/** Name of the package, which a ticket carries. */
export const DRIVER = '@virt-drivers/driver-libvirt';

/** How long room is kept for a machine. */
const TICKET_MILLISECONDS = 3_600_000;

const volumeId = v.object({ pool: v.string(), key: v.string() });

const ticketDetail = v.object({
  /** The destination as programs reach it. */
  uri: v.string(),
  /** Where memory and disks are sent; by default the destination's own choice. */
  address: v.optional(v.string()),
  endpoint: v.string(),
  uuid: v.string(),
  /** Each disk's volume there, by libvirt's name of the disk. */
  disks: v.array(v.object({ target: v.string(), volume: volumeId, copied: v.boolean() })),
  nics: v.array(v.object({ id: v.string(), network: v.string() })),
  /** File for the serial port's output there. */
  consoleLog: v.optional(v.string()),
  /** Volumes that were made for the machine, and go when it does not come. */
  made: v.array(volumeId),
});

/** What the destination decided, for the source that does the move. */
export type TicketDetail = v.InferOutput<typeof ticketDetail>;

export function makeTicket(machineName: string, detail: TicketDetail): MigrationTicket {
  // Drops members that are undefined, which JSON has no word for.
  const plain: Json = JSON.parse(JSON.stringify(detail));
  return {
    version: 1,
    driver: DRIVER,
    expiresAt: new Date(Date.now() + TICKET_MILLISECONDS),
    machineName,
    detail: plain,
  };
}

/** Reads a ticket that is to be used. Errors: `MIGRATION.TICKET_INVALID`. */
export function readTicket(ticket: MigrationTicket): TicketDetail {
  if (ticket.expiresAt.getTime() <= Date.now()) throw invalid('has expired; prepare the migration again');
  return readDetail(ticket);
}

/** Reads any ticket of this driver, also one that has expired. Errors: `MIGRATION.TICKET_INVALID`. */
export function readDetail({ driver, detail }: MigrationTicket): TicketDetail {
  if (driver !== DRIVER) throw invalid(`was made by ${driver}; the same driver must prepare the migration`);
  const read = v.safeParse(ticketDetail, detail);
  if (read.success) return read.output;
  throw invalid('is damaged, or of another version of this driver; prepare the migration again');
}

const invalid = (why: string): DriverError => new DriverError('MIGRATION.TICKET_INVALID', `Ticket ${why}.`);
