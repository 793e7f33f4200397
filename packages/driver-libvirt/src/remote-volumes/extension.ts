import {
  bytes,
  DriverError,
  isDriverError,
  type Bytes,
  type CallOptions,
  type Condition,
  type Disk,
  type DiskId,
  type MachineId,
} from '@virt-drivers/core';
import { DomainBlockResizeFlags, domainBlockResize, domainGetBlockInfo } from '@virt-drivers/libvirt';
import { readDisk } from '../convert/disk-xml.js';
import { aboutMachine, isActive, type DomainView } from '../domains.js';
import { lookAgain } from '../host-initiator/units.js';
import type { LibvirtSession } from '../session.js';
import { toRemoteError } from './errors.js';
import { remoteOf } from './remote-disk.js';

/** Why an NBD disk keeps its size while the machine runs. */
export const LEARNS_SIZE: Condition = {
  needs: 'host-feature',
  value: 'iscsi, rbd, nfs',
  reason: 'QEMU asks an NBD server for the size only when it connects; stop and start the machine instead.',
};

/** Tells a running guest the new size; a stopped one sees it when it starts. The caller holds the machine's lock. */
export async function extendRemote(
  session: LibvirtSession,
  id: MachineId,
  disk: DiskId,
  size: Bytes,
  options: CallOptions,
): Promise<Disk> {
  const view = await session.domains.view(id, options);
  const { element, identity, protocol, unit, disk: known } = remoteOf(view, disk);
  if (!isActive(view)) return known;
  if (protocol === 'nbd') {
    throw new DriverError(
      'CAPABILITY.CONDITION_UNMET',
      `Remote volume ${identity} cannot be extended. ${LEARNS_SIZE.reason}`,
      {
        subject: disk,
        condition: LEARNS_SIZE,
      },
    );
  }
  const { target } = readDisk(element);
  const before = await sizeOf(session, view, target, options);
  if (size < before) {
    const message = `Remote volume ${identity} has ${before} bytes for machine ${id} and cannot shrink to ${size}.`;
    throw new DriverError('VOLUME.CANNOT_SHRINK', message, { subject: disk });
  }
  if (unit) await lookAgain(session, unit, options);
  try {
    await session.daemon.call({ ...aboutMachine(id), long: true }, options, (connection, call) =>
      domainBlockResize(connection, view.domain, target, size, DomainBlockResizeFlags.Bytes, call),
    );
  } catch (error) {
    throw notGrown(toRemoteError(error, `Remote volume ${identity}`), identity, size);
  }
  return { ...known, sizeBytes: bytes(await sizeOf(session, view, target, options)) };
}

/** What QEMU takes the disk for. */
async function sizeOf(
  { daemon }: LibvirtSession,
  { domain }: DomainView,
  target: string,
  options: CallOptions,
): Promise<bigint> {
  const about = { ...aboutMachine(domain.uuid), reads: true };
  const { capacity } = await daemon.call(about, options, (connection, call) =>
    domainGetBlockInfo(connection, domain, target, 0, call),
  );
  return capacity;
}

/** QEMU never makes a unit larger: that it should means that its owner has not. */
function notGrown(error: unknown, identity: string, size: bigint): unknown {
  if (!isDriverError(error) || !/Cannot grow/.test(error.native?.message ?? '')) return error;
  const message = `Remote volume ${identity} has less than ${size} bytes; have its owner grow it first, then extend the disk.`;
  return new DriverError('REQUEST.INVALID', message, { cause: error });
}
