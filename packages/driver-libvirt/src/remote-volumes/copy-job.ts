import { bytes, DriverError, isDriverError, type CallOptions, type TaskProgress } from '@virt-drivers/core';
import { deadlineIn, delay } from '@virt-drivers/core/kit';
import {
  DomainBlockCopyFlags,
  DomainBlockJobAbortFlags,
  domainBlockCopy,
  domainBlockJobAbort,
  domainGetBlockJobInfo,
  type Domain,
} from '@virt-drivers/libvirt';
import { copyTargetXml, type Link } from '../convert/disk-xml.js';
import { diskElements } from '../convert/machine-xml.js';
import { attribute, child, type Element } from '../convert/xml.js';
import { aboutMachine } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { toRemoteError } from './errors.js';

/** libvirt tells nobody how far a copy is. */
const LOOK = { milliseconds: 200 };
const SETTLING = { minutes: 2 };

/** A copy that QEMU makes of a running machine's disk. */
export interface CopyJob {
  readonly domain: Domain;
  /** libvirt's name of the disk. */
  readonly target: string;
  /** For people: the volume that is copied onto. */
  readonly what: string;
}

/** Begins to copy, by the first of the ways that leads there. Errors: `ACCESS.DENIED`, `POOL.UNAVAILABLE`, `VOLUME.NOT_FOUND`. */
export async function beginCopy(
  { daemon }: LibvirtSession,
  { domain, target, what }: CopyJob,
  ways: readonly Link[],
  options: CallOptions,
): Promise<void> {
  // libvirt copies for machines that outlive their process only when told that the copy itself does not.
  const flags = DomainBlockCopyFlags.ReuseExt | DomainBlockCopyFlags.TransientJob;
  for (const [index, way] of ways.entries()) {
    const xml = copyTargetXml(way);
    try {
      await daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
        domainBlockCopy(connection, domain, target, xml, {}, flags, call),
      );
      return;
    } catch (error) {
      const told = toRemoteError(error, what);
      if (!isDriverError(told, 'POOL.UNAVAILABLE') || index === ways.length - 1) throw told;
    }
  }
}

/** Resolves when all was copied and what the guest writes goes to both. Errors: `POOL.UNAVAILABLE` when it broke off. */
export async function untilEqual(
  { daemon, domains }: LibvirtSession,
  { domain, target, what }: CopyJob,
  report: (progress: TaskProgress) => void,
  options: CallOptions,
): Promise<void> {
  const about = { ...aboutMachine(domain.uuid), reads: true };
  for (;;) {
    const { found, cur, end } = await daemon.call(about, options, (connection, call) =>
      domainGetBlockJobInfo(connection, domain, target, 0, call),
    );
    if (found === 0) throw brokenOff(what, domain.uuid);
    if (end > 0n) {
      const fraction = Number((cur * 1000n) / end) / 1000;
      report({ phase: 'copy', fraction, doneBytes: bytes(cur), totalBytes: bytes(end) });
    }
    // Equal figures come a moment before QEMU keeps both equal.
    if (cur === end && isReady(mirrorOf(await domains.document(domain, options), target))) return;
    await delay(LOOK, options);
  }
}

/** The guest goes on where it was copied to. */
export async function pivot({ daemon }: LibvirtSession, { domain, target }: CopyJob): Promise<void> {
  // Once it is asked for there is no way back, so it is given time of its own.
  const own = { deadline: deadlineIn(SETTLING) };
  await daemon.call({ ...aboutMachine(domain.uuid), long: true }, own, (connection, call) =>
    domainBlockJobAbort(connection, domain, target, DomainBlockJobAbortFlags.Pivot, call),
  );
}

/** The guest goes on where it was. Succeeds when there is no copy. */
export async function abandonCopy(
  { daemon, domains }: LibvirtSession,
  { domain, target }: CopyJob,
  options: CallOptions,
): Promise<void> {
  if (!mirrorOf(await domains.document(domain, options), target)) return;
  await daemon.call({ ...aboutMachine(domain.uuid), long: true }, options, (connection, call) =>
    domainBlockJobAbort(connection, domain, target, 0, call),
  );
}

/** Where libvirt describes the copy of a disk. */
export function mirrorOf(document: Element, target: string): Element | undefined {
  const disk = diskElements(document).find((element) => attribute(element, 'dev', 'target') === target);
  return child(disk, 'mirror');
}

const isReady = (mirror: Element | undefined): boolean => attribute(mirror, 'ready') === 'yes';

const brokenOff = (what: string, machine: string): DriverError =>
  new DriverError(
    'POOL.UNAVAILABLE',
    `${what} could not be written to its end; machine ${machine} runs on as before. Look at the other system.`,
    { subject: machine },
  );
