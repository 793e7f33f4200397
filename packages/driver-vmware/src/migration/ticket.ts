import { DriverError, type Json, type MigrationTicket } from '@virt-drivers/core';
import * as v from 'valibot';

const DRIVER = '@virt-drivers/driver-vmware';
const TICKET_MILLISECONDS = 3_600_000;

const description = v.object({
  version: v.literal(1),
  /** The vCenter's own uuid. */
  endpoint: v.string(),
  machine: v.string(),
  name: v.string(),
});

/** What the destination must know of a machine: plain JSON without a secret. */
export type Description = v.InferOutput<typeof description>;

const detail = v.object({ endpoint: v.string(), machine: v.string(), host: v.string() });

/** What the destination decided. */
export type TicketDetail = v.InferOutput<typeof detail>;

/** Reads a description. Errors: `REQUEST.INVALID`. */
export function readDescription(value: Json): Description {
  const read = v.safeParse(description, value);
  if (read.success) return read.output;
  throw new DriverError(
    'REQUEST.INVALID',
    'Description of the machine is not one that describe() of this driver made. Ask the source for it again.',
  );
}

export const makeTicket = (machineName: string, decided: TicketDetail): MigrationTicket => ({
  version: 1,
  driver: DRIVER,
  expiresAt: new Date(Date.now() + TICKET_MILLISECONDS),
  machineName,
  detail: { ...decided },
});

/** Reads a ticket that is to be used for this machine. Errors: `MIGRATION.TICKET_INVALID`. */
export function readTicket(ticket: MigrationTicket, endpoint: string, machine: string): TicketDetail {
  if (ticket.expiresAt.getTime() <= Date.now()) throw invalid('has expired; prepare the migration again');
  const decided = checkTicket(ticket);
  if (decided.endpoint !== endpoint) throw invalid('was made by another vCenter; prepare the migration at this one');
  if (decided.machine !== machine) throw invalid(`is for machine ${decided.machine}, not for ${machine}`);
  return decided;
}

/** Reads any ticket of this driver, also one that has expired. Errors: `MIGRATION.TICKET_INVALID`. */
export function checkTicket({ driver, detail: value }: MigrationTicket): TicketDetail {
  if (driver !== DRIVER) throw invalid(`was made by ${driver}; the same driver must prepare the migration`);
  const read = v.safeParse(detail, value);
  if (read.success) return read.output;
  throw invalid('is damaged, or of another version of this driver; prepare the migration again');
}

const invalid = (why: string): DriverError => new DriverError('MIGRATION.TICKET_INVALID', `Ticket ${why}.`);
