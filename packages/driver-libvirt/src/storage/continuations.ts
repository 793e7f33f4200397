import { isDriverError, poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import type { LibvirtSession } from '../session.js';
import { mayContinue } from './files.js';
import { isImageBookkeeping } from './image-names.js';

/** Which volumes continue which, at one moment. */
export interface Continuations {
  /** Volumes that continue the one at this path, at any depth. */
  of(path: string): readonly VolumeId[];
}

/** Reads every volume of every pool once. */
export async function readContinuations(session: LibvirtSession, options: CallOptions): Promise<Continuations> {
  const byBase = new Map<string, { readonly id: VolumeId; readonly path: string }[]>();
  for (const pool of await session.pools.list(options)) {
    // Its volumes continue each other only, and who has them may be away.
    if (session.powerflex(pool.name)) continue;
    for await (const volume of session.files.readAll(pool, options)) {
      if (volume === undefined || isDriverError(volume) || !volume.backing || !mayContinue(volume)) continue;
      if (isImageBookkeeping(volume.fileName)) continue;
      const one = { id: { pool: poolId(pool.name), key: volume.fileName }, path: volume.path };
      byBase.set(volume.backing.path, [...(byBase.get(volume.backing.path) ?? []), one]);
    }
  }
  const below = (path: string, depth: number): VolumeId[] =>
    // Deeper is a loop, which no guest made: only this driver and the host's owner name backing files.
    depth > 200 ? [] : (byBase.get(path) ?? []).flatMap((one) => [one.id, ...below(one.path, depth + 1)]);
  return { of: (path) => below(path, 0) };
}
