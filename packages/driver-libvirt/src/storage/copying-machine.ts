import { DriverError, isDriverError, type CallOptions } from '@virt-drivers/core';
import { abortable, deadlineIn } from '@virt-drivers/core/kit';
import {
  DomainBlockCopyFlags,
  DomainBlockResizeFlags,
  DomainCreateFlags,
  ConnectDomainEventBlockJobStatus as BlockJobStatus,
  domainBlockCopy,
  domainBlockJobAbort,
  domainBlockResize,
  domainCreateXml,
  domainDestroy,
  domainEvents,
  domainGetBlockJobInfo,
  type Connection,
  type Domain,
} from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { copyingMachineXml, COPIED } from '../convert/copying-machine-xml.js';
import { copyTargetXml, type Link } from '../convert/disk-xml.js';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { TRIAL_PREFIX } from '../virt-type.js';
import type { Report } from './backend.js';
import { COPYING } from './making.js';

/*
 * libvirt's storage API opens a file with the format that it finds in the file's first bytes, which a guest can write,
 * and it moves no bytes into or out of network stores. QEMU does both well, with formats as it is told them. So such
 * work is done by a machine that is never started: QEMU with nothing but the volumes in question.
 */

/** What is copied: a chain, its own volume first. */
export interface CopySource {
  /** For errors. */
  readonly what: string;
  readonly chain: readonly Link[];
  /** What of the target is written, which may be larger. */
  readonly sizeBytes?: bigint;
  /** Which key opens it, if it is encrypted and that is not its own. */
  readonly key?: string;
}

/**
 * Copies what a guest would read of the source into a volume that is there, in the target's format. The target is at
 * least as large as the source; the rest of it stays as it is.
 * Errors: `HOST.FAILED`, `CALL.CANCELLED`, `CALL.DEADLINE_EXCEEDED`; what the target then holds is undefined.
 */
export async function copyByMachine(
  session: LibvirtSession,
  source: CopySource,
  target: Link,
  report: Report,
  options: CallOptions,
): Promise<void> {
  await withMachine(session, source, true, options, async (connection, domain, call) => {
    const events = await domainEvents(connection, ['blockJob2']);
    try {
      const flags = DomainBlockCopyFlags.ReuseExt | DomainBlockCopyFlags.TransientJob;
      await domainBlockCopy(connection, domain, COPIED, copyTargetXml(target, source.sizeBytes), {}, flags, call);
      await copied(connection, domain, source, events, report, call);
      // Ends the mirroring: the copy stays, complete.
      await domainBlockJobAbort(connection, domain, COPIED, 0, call);
    } finally {
      await events.close();
    }
  });
}

type Events = Awaited<ReturnType<typeof domainEvents<'blockJob2'>>>;
type Call = CallOptions & { readonly deadline: Date };

/** Resolves when source and copy are the same. */
async function copied(
  connection: Connection,
  domain: Domain,
  { what }: CopySource,
  events: Events,
  report: Report,
  call: Call,
): Promise<void> {
  for (let next = events.next(); ; ) {
    const told = await soon(next, call);
    if (told === undefined) {
      const { cur, end } = await domainGetBlockJobInfo(connection, domain, COPIED, 0, call);
      if (end > 0n) report({ phase: 'copying', fraction: Number(cur) / Number(end) });
      continue;
    }
    const event = told.done ? undefined : told.value;
    if (event?.kind === 'blockJob2' && event.status === BlockJobStatus.Ready) return;
    if (event?.kind === 'blockJob2' || event === undefined) {
      throw new DriverError('HOST.FAILED', `${what} could not be copied: QEMU gave up. Look at the host's log.`);
    }
    next = events.next();
  }
}

const LOOK_MILLISECONDS = 500;

/** What comes within half a second, after which progress is looked at. */
async function soon<T>(next: Promise<T>, call: Call): Promise<T | undefined> {
  const look = new Date(Date.now() + LOOK_MILLISECONDS);
  try {
    return await abortable(next, { ...call, deadline: look < call.deadline ? look : call.deadline });
  } catch (error) {
    const late = isDriverError(error, 'CALL.DEADLINE_EXCEEDED') && call.signal?.aborted !== true;
    if (!late || new Date() >= call.deadline) throw error;
    return undefined;
  }
}

/**
 * Has QEMU write the header of an encrypted volume, with the key that the host has for it: before it copies to what is
 * not there in its format, it makes it. The target gets the size of the source, or has it beside the header.
 * Errors: `HOST.FAILED`; what the target then holds is undefined.
 */
export const encryptByMachine = (
  session: LibvirtSession,
  source: CopySource,
  target: Link,
  options: CallOptions,
): Promise<void> =>
  withMachine(session, source, true, options, async (connection, domain, call) => {
    const flags = DomainBlockCopyFlags.TransientJob;
    await domainBlockCopy(connection, domain, COPIED, copyTargetXml(target), {}, flags, call);
    // There is nothing to be copied.
    await domainBlockJobAbort(connection, domain, COPIED, 0, call);
  });

/** Grows the volume to this size. Errors: `HOST.FAILED`. */
export const growByMachine = (
  session: LibvirtSession,
  volume: CopySource,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> =>
  withMachine(session, volume, false, options, (connection, domain, call) =>
    domainBlockResize(connection, domain, COPIED, sizeBytes, DomainBlockResizeFlags.Bytes, call),
  );

/** Resolves when the volume can be read with this key. Errors: `ACCESS.DENIED`. */
export async function opensWith(
  session: LibvirtSession,
  volume: CopySource,
  key: string,
  options: CallOptions,
): Promise<void> {
  try {
    await withMachine(session, { ...volume, key }, true, options, () => Promise.resolve());
  } catch (error) {
    // QUIRK: libvirt has no code for it; this is how QEMU says it.
    if (!isDriverError(error) || !error.native?.message.includes('Invalid password')) throw error;
    throw new DriverError('ACCESS.DENIED', `${volume.what} is not opened by this key.`, { native: error.native });
  }
}

/**
 * Runs work in a machine that has the volume as its disk. It belongs to a connection of its own, and libvirt removes it
 * with that: also when this process is killed.
 */
async function withMachine(
  session: LibvirtSession,
  { what, chain, key }: CopySource,
  readOnly: boolean,
  options: CallOptions,
  work: (connection: Connection, domain: Domain, call: Call) => Promise<void>,
): Promise<void> {
  const call: Call = { ...options, deadline: options.deadline ?? deadlineIn(COPYING.within) };
  const { architecture } = session.endpoint.host;
  const uuid = randomUUID();
  const type = await session.virtType(architecture, call);
  const xml = copyingMachineXml({
    name: `${TRIAL_PREFIX}${uuid}`,
    uuid,
    type,
    architecture,
    chain,
    readOnly,
    ...(key === undefined ? {} : { key }),
  });
  const connection = await session.daemon.dedicated(call);
  try {
    const flags = DomainCreateFlags.StartPaused | DomainCreateFlags.StartAutodestroy;
    const domain = await domainCreateXml(connection, xml, flags, call);
    await work(connection, domain, call);
    await domainDestroy(connection, domain, { deadline: call.deadline });
  } catch (error) {
    throw toDriverError(error, { what, means: FAILURES });
  } finally {
    await connection.close();
  }
}

/** These are about the volumes, not about a machine. */
const FAILURES = {
  OPERATION_INVALID: { code: 'HOST.FAILED', says: 'could not be copied by QEMU' },
  NO_DOMAIN: { code: 'HOST.FAILED', says: 'could not be copied: QEMU ended' },
  OPERATION_FAILED: { code: 'HOST.FAILED', says: 'could not be copied by QEMU' },
} as const;
