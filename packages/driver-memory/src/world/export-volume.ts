import type { CallOptions, DiskFormat, VolumeId } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import { BLOCK_BYTES } from '../content/content-store.js';
import { unmet } from '../errors.js';
import type { MemorySession } from '../session.js';
import { findVolume } from './find.js';
import { readVolume } from './volume-bytes.js';
import { checkNotWritten } from './written.js';

/** Streams what a guest would read, block by block, at the reader's pace. */
export async function* exportVolume(
  session: MemorySession,
  id: VolumeId,
  { format = 'raw' }: { readonly format?: DiskFormat },
  options: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (format !== 'raw' && format !== 'iso') {
    throw unmet(`Export in format ${format}`, {
      needs: 'volume-format',
      value: 'raw|iso',
      reason: 'Content leaves as a guest reads it: raw.',
    });
  }
  for (let offset = 0; ; offset += BLOCK_BYTES) {
    throwIfAborted(options, { what: `Export of volume ${id.key}`, stateAfter: 'unchanged' });
    const block = await session.look((scene) => {
      const volume = findVolume(scene, id);
      checkNotWritten(scene, volume);
      return readVolume(scene, volume, offset, BLOCK_BYTES);
    });
    if (block.length > 0) yield block;
    if (block.length < BLOCK_BYTES) return;
  }
}
