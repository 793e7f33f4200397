import type { MigrationPlan } from '@virt-drivers/core';
import { DomainMigrateFlags, type TypedParameters } from '@virt-drivers/libvirt';
import type { LibvirtMigrationExtensions } from './extensions.js';
import type { TicketDetail } from './ticket.js';

const BITS_PER_MEBIBYTE = 8n * 1024n * 1024n;

/** The plan as libvirt's flags. Pure. */
export function migrationFlags(
  { mode, postCopy, encrypt }: MigrationPlan,
  { lead, autoConverge, connections, unsafe }: LibvirtMigrationExtensions,
  copiesStorage: boolean,
): number {
  const {
    Live,
    Offline,
    PersistDest,
    UndefineSource,
    AbortOnError,
    AutoConverge,
    NonSharedDisk,
    Parallel,
    Peer2peer,
    Postcopy,
    Tls,
    Tunnelled,
    Unsafe,
  } = DomainMigrateFlags;
  const always = PersistDest | UndefineSource;
  const leading = lead === 'source' ? Peer2peer : lead === 'tunnel' ? Peer2peer | Tunnelled : 0;
  // QUIRK(libvirt 9.0): an offline migration refuses every flag about memory and storage.
  if (mode === 'offline') return always | Offline | (unsafe ? Unsafe : 0) | (leading & Peer2peer);
  return (
    always |
    Live |
    AbortOnError |
    leading |
    (autoConverge ? AutoConverge : 0) |
    (connections === undefined ? 0 : Parallel) |
    (copiesStorage ? NonSharedDisk : 0) |
    (postCopy ? Postcopy : 0) |
    (encrypt ? Tls : 0) |
    (unsafe ? Unsafe : 0)
  );
}

/** The plan as libvirt's parameters. Pure. */
export function migrationParameters(
  { bandwidth, mode }: MigrationPlan,
  { connections, tlsName, lead }: LibvirtMigrationExtensions,
  { address }: TicketDetail,
  documents: { readonly live: string; readonly stored: string },
  copied: readonly string[],
): TypedParameters {
  if (mode === 'offline') return { destination_xml: documents.live, persistent_xml: documents.stored };
  return {
    destination_xml: documents.live,
    persistent_xml: documents.stored,
    ...(address === undefined || lead === 'tunnel' ? {} : { migrate_uri: `tcp://${bracketed(address)}` }),
    ...(copied.length === 0 ? {} : { migrate_disks: copied }),
    // Rounded up: 0 would mean no limit.
    ...(bandwidth === undefined ? {} : { bandwidth: (bandwidth + BITS_PER_MEBIBYTE - 1n) / BITS_PER_MEBIBYTE }),
    ...(connections === undefined ? {} : { 'parallel.connections': { type: 'int', value: connections } }),
    ...(tlsName === undefined ? {} : { 'tls.destination': tlsName }),
  };
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
