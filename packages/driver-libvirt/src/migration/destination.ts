import { DriverError, type CallOptions } from '@virt-drivers/core';
import { openDaemon } from '../connection.js';
import { readEndpoint } from '../endpoint.js';
import { createSession, type LibvirtSession } from '../session.js';
import type { TicketDetail } from './ticket.js';

/** The destination as the source's side sees it, for one migration. */
export interface Destination {
  readonly session: LibvirtSession;
  close(): Promise<void>;
}

/** Opens the destination of a ticket. Errors: those of opening, `MIGRATION.TICKET_INVALID` (it is another one now). */
export async function openDestination(ticket: TicketDetail, options: CallOptions): Promise<Destination> {
  const daemon = await openDaemon(ticket.uri, { seconds: 15 }, options);
  try {
    const endpoint = await readEndpoint(daemon, undefined, options);
    if (endpoint.id !== ticket.endpoint) {
      const text = `Ticket was made by endpoint ${ticket.endpoint}, but at ${ticket.uri} is ${endpoint.id}; check option migrationUri of the destination.`;
      throw new DriverError('MIGRATION.TICKET_INVALID', text);
    }
    return { session: createSession(daemon, endpoint, {}, ticket.uri), close: () => daemon.close() };
  } catch (error) {
    await daemon.close();
    throw error;
  }
}
