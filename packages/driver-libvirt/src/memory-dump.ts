import { DriverError, isDriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import {
  DomainCoreDumpFlags,
  DomainCoreDumpFormat,
  domainCoreDumpWithFormat,
  storageVolDelete,
  storageVolDownload,
} from '@virt-drivers/libvirt';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path/posix';
import { chunksOf } from './chunks.js';
import { directoryFor } from './console-log.js';
import { aboutMachine, type DomainView } from './domains.js';
import { toDriverError } from './errors.js';
import { refreshPool } from './pool-refresh.js';
import type { LibvirtSession } from './session.js';
import { aboutVolume, volumeOf } from './storage/files.js';

const WRITING = { minutes: 10 };
const CLEARING = { seconds: 30 };

/**
 * The machine's memory as an ELF core. libvirt writes it to a file of the host only, so that file is in a directory pool,
 * is read through the storage API as the reader comes for more, and is gone when the reader leaves.
 */
export async function* dumpMemory(
  session: LibvirtSession,
  { domain, machine }: DomainView,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const directory = await directoryFor(session, machine.disks, options);
  if (directory === undefined) {
    const message = `Machine ${machine.id} cannot be dumped: the host has no directory pool for the file.`;
    throw new DriverError('POOL.NOT_FOUND', message, { subject: machine.id });
  }
  const file = join(directory, `vd-${machine.id}.${randomUUID()}.core`);
  const { MemoryOnly } = DomainCoreDumpFlags;
  try {
    await session.daemon.call(
      { ...aboutMachine(machine.id), long: true, within: WRITING },
      options,
      (connection, call) =>
        domainCoreDumpWithFormat(connection, domain, file, DomainCoreDumpFormat.Raw, MemoryOnly, call),
    );
    yield* content(session, await known(session, file, options), options);
  } finally {
    await removeDump(session, file);
  }
}

/** The file as a volume; the host wrote it behind its pool's back. */
async function known(session: LibvirtSession, file: string, options: CallOptions): Promise<VolumeId> {
  const id = await session.pools.locate(file, options);
  await refreshPool(session, id.pool, options);
  return id;
}

async function* content({ daemon }: LibvirtSession, id: VolumeId, options: CallOptions): AsyncGenerator<Uint8Array> {
  const connection = await daemon.dedicated(options);
  try {
    const toTheEnd = 0n;
    yield* chunksOf(await storageVolDownload(connection, volumeOf(id), 0n, toTheEnd, 0, options));
  } catch (error) {
    throw toDriverError(error, { ...aboutVolume(id), reads: true });
  } finally {
    await connection.close();
  }
}

/** Also after the caller gave up. */
async function removeDump(session: LibvirtSession, file: string): Promise<void> {
  const options = { deadline: deadlineIn(CLEARING) };
  try {
    const id = await known(session, file, options);
    await session.daemon.call(aboutVolume(id), options, (connection, call) =>
      storageVolDelete(connection, volumeOf(id), 0, call),
    );
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
}
