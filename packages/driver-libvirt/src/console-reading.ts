import { DriverError, isDriverError, type CallOptions, type MachineId, type VolumeId } from '@virt-drivers/core';
import { delay } from '@virt-drivers/core/kit';
import { storageVolDownload, storageVolGetInfo, type Connection } from '@virt-drivers/libvirt';
import { chunksOf } from './chunks.js';
import { consoleLogFiles, consoleLogOf } from './console-log.js';
import { domainOf } from './domains.js';
import { toDriverError } from './errors.js';
import type { LibvirtSession } from './session.js';
import { aboutVolume, volumeOf } from './storage/files.js';

/** Between two looks at a log that is followed: libvirt tells nobody that a file has grown. */
const LOOK = { milliseconds: 250 };

/** What a machine's serial port printed, read through the storage API, from the oldest kept byte. */
export async function* readConsoleLog(
  session: LibvirtSession,
  id: MachineId,
  follow: boolean,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const file = consoleLogOf(await session.domains.document(domainOf(id), options));
  if (file === undefined) {
    const message = `Machine ${id} keeps no console log: it has no serial port, was made by others, or on a host without a directory pool.`;
    throw new DriverError('CONSOLE.UNAVAILABLE', message, { subject: id });
  }
  const connection = await session.daemon.dedicated(options);
  try {
    const known = await consoleLogFiles(session, file, options);
    for (const old of known.slice(0, -1)) yield* part(connection, old, 0n, options);
    const newest = known.at(-1);
    let at = 0n;
    for await (const chunk of newest ? part(connection, newest, 0n, options) : []) {
      at += BigInt(chunk.length);
      yield chunk;
    }
    if (follow) yield* followLog(session, connection, id, { file, at }, options);
  } finally {
    await connection.close();
  }
}

interface Place {
  readonly file: string;
  readonly at: bigint;
}

async function* followLog(
  session: LibvirtSession,
  connection: Connection,
  id: MachineId,
  from: Place,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  let { at } = from;
  for (;;) {
    await delay(LOOK, options);
    const files = await growing(session, connection, id, from.file, options);
    if (files === 'gone') return;
    const { newest, size } = files;
    if (!newest) continue;
    if (size < at) {
      // virtlogd has numbered the file that was read and begun a new one.
      yield* part(connection, { pool: newest.pool, key: `${newest.key}.0` }, at, options);
      at = 0n;
    }
    if (size > at) {
      for await (const chunk of part(connection, newest, at, options)) {
        at += BigInt(chunk.length);
        yield chunk;
      }
    }
  }
}

/** How far the newest file has grown; before the first start there is none. */
async function growing(
  session: LibvirtSession,
  connection: Connection,
  id: MachineId,
  file: string,
  options: CallOptions,
): Promise<'gone' | { readonly newest: VolumeId | undefined; readonly size: bigint }> {
  try {
    const newest = await session.pools.locate(file, options);
    const { capacity } = await storageVolGetInfo(connection, volumeOf(newest), options).catch((error: unknown) => {
      throw toDriverError(error, { ...aboutVolume(newest), reads: true });
    });
    return { newest, size: capacity };
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND', 'POOL.NOT_FOUND')) throw error;
  }
  const there = await session.domains.state(id, options).then(
    () => true,
    (error: unknown) => {
      if (isDriverError(error, 'MACHINE.NOT_FOUND')) return false;
      throw error;
    },
  );
  if (!there) return 'gone';
  await consoleLogFiles(session, file, options);
  return { newest: undefined, size: 0n };
}

async function* part(
  connection: Connection,
  id: VolumeId,
  from: bigint,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  try {
    const toTheEnd = 0n;
    yield* chunksOf(await storageVolDownload(connection, volumeOf(id), from, toTheEnd, 0, options));
  } catch (error) {
    const mapped = toDriverError(error, { ...aboutVolume(id), reads: true });
    // A rotated file may be gone by now: what was in it is no longer kept.
    if (!isDriverError(mapped, 'VOLUME.NOT_FOUND')) throw mapped;
  }
}
