import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type MachineId,
  type MachineRecord,
  type MachineRecordInput,
} from '@virt-drivers/core';
import {
  DomainDeviceModifyFlags,
  DomainMetadataType,
  domainGetMetadata,
  domainIsActive,
  domainSetMetadata,
  type Domain,
} from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { isLibvirtError } from '@virt-drivers/libvirt';
import type { Daemon } from '../connection.js';
import { RECORD_NAMESPACE, RECORD_PREFIX, readRecordXml, recordText, recordXml } from '../convert/metadata.js';
import { aboutMachine, domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';

/** Far below libvirt's 4 MiB for one text, and every listing of the machine carries it. */
const LARGEST_RECORD = 262_144;

/** The record's text. Errors: `RECORD.TOO_LARGE`. */
export function recordTextChecked({ owner, body }: MachineRecordInput): string {
  const text = recordText(body);
  const size = Buffer.byteLength(text);
  if (size <= LARGEST_RECORD) return text;
  throw new DriverError(
    'RECORD.TOO_LARGE',
    `Record of ${owner} has ${size} bytes; this driver keeps ${LARGEST_RECORD} with a machine.`,
    {
      subject: owner,
    },
  );
}

/**
 * The record of a machine: of the stored one, because memory that was saved brings back what the machine that ran had then.
 */
export async function readMachineRecord(
  daemon: Daemon,
  domain: Domain,
  options: CallOptions,
): Promise<MachineRecord | undefined> {
  const about = { ...aboutMachine(domain.uuid), reads: true };
  const { Config, Current } = DomainDeviceModifyFlags;
  const xml = await daemon.call(about, options, async (connection, call) => {
    const read = (flags: number): Promise<string> =>
      domainGetMetadata(connection, domain, DomainMetadataType.Element, RECORD_NAMESPACE, flags, call);
    try {
      return await read(Config).catch((error: unknown) => {
        // One of somebody else's, or on its way here, that is not stored.
        if (isLibvirtError(error) && error.code === 'OPERATION_INVALID') return read(Current);
        throw error;
      });
    } catch (error) {
      if (isLibvirtError(error) && error.code === 'NO_DOMAIN_METADATA') return undefined;
      throw error;
    }
  });
  return xml === undefined ? undefined : readRecordXml(xml);
}

/** Writes text or element metadata to the stored machine and to the one that runs. */
export async function setMetadata(
  daemon: Daemon,
  domain: Domain,
  type: number,
  text: string | undefined,
  options: CallOptions,
): Promise<void> {
  const isElement = type === DomainMetadataType.Element;
  await daemon.call(aboutMachine(domain.uuid), options, async (connection, call) => {
    const [key, uri] = isElement ? [RECORD_PREFIX, RECORD_NAMESPACE] : [undefined, undefined];
    const runs = async (): Promise<boolean> => (await domainIsActive(connection, domain, call)) === 1;
    const write = (flags: number): Promise<void> =>
      domainSetMetadata(connection, domain, type, text, key, uri, flags, call);
    const { Config, Live } = DomainDeviceModifyFlags;
    if (!(await runs())) return write(Config);
    try {
      await write(Config | Live);
    } catch (error) {
      // It may have ended since it was asked whether it runs.
      if (!isLibvirtError(error) || error.code !== 'OPERATION_INVALID' || (await runs())) throw error;
      await write(Config);
    }
  });
}

/**
 * Compare and set. Other sessions of this process cannot come between reading and writing; another process can, in
 * the milliseconds between the two calls, for libvirt itself has no compare and set.
 */
export async function writeMachineRecord(
  { daemon, locks }: LibvirtSession,
  id: MachineId,
  record: MachineRecordInput,
  ifRevision: string | null,
  options: CallOptions,
): Promise<MachineRecord> {
  recordTextChecked(record);
  const domain = domainOf(id);
  return locks.run(id, options, async () => {
    const known = await readMachineRecord(daemon, domain, options);
    if ((known?.revision ?? null) !== ifRevision) {
      const now = known ? `has revision ${known.revision}` : 'does not exist';
      throw new DriverError(
        'RECORD.CONFLICT',
        `Record of machine ${id} ${now}, not ${ifRevision ?? 'absent'}. Read it again and decide anew.`,
        {
          subject: id,
        },
      );
    }
    const revision = randomUUID();
    await setMetadata(daemon, domain, DomainMetadataType.Element, recordXml(record, revision), options);
    return { owner: record.owner, revision, body: record.body };
  });
}

/** The first machine whose record has this owner: libvirt has no index, so all are asked at once. */
export async function findByOwner(
  { daemon, domains }: LibvirtSession,
  owner: string,
  options: CallOptions,
): Promise<MachineId | undefined> {
  const all = await domains.all(options);
  const records = await Promise.all(
    all.map((domain) =>
      readMachineRecord(daemon, domain, options).catch((error: unknown) => {
        if (isDriverError(error, 'MACHINE.NOT_FOUND', 'ACCESS.DENIED')) return undefined;
        throw error;
      }),
    ),
  );
  const index = records.findIndex((record) => record?.owner === owner);
  const found = all[index];
  return found && machineId(found.uuid);
}
