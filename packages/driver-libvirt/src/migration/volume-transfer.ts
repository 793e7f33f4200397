import type { CallOptions, VolumeId } from '@virt-drivers/core';
import {
  StorageVolDownloadFlags,
  StorageVolUploadFlags,
  storageVolDownload,
  storageVolUpload,
} from '@virt-drivers/libvirt';
import { pipeline } from 'node:stream/promises';
import { toDriverError } from '../errors.js';
import type { LibvirtSession } from '../session.js';
import { aboutVolume, volumeOf } from '../storage/files.js';

const FROM_START = 0n;
const WHOLE = 0n;

/** A volume and who has it. */
export interface Held {
  readonly session: LibvirtSession;
  readonly id: VolumeId;
}

/** Copies a volume's bytes as they are from one host to another; zeros travel as holes, at the slower side's pace. */
export async function transferVolume(from: Held, to: Held, options: CallOptions): Promise<void> {
  const [reading, writing] = await Promise.all([
    from.session.daemon.dedicated(options),
    to.session.daemon.dedicated(options),
  ]);
  try {
    const source = await storageVolDownload(
      reading,
      volumeOf(from.id),
      FROM_START,
      WHOLE,
      StorageVolDownloadFlags.SparseStream,
      options,
    );
    const target = await storageVolUpload(
      writing,
      volumeOf(to.id),
      FROM_START,
      WHOLE,
      StorageVolUploadFlags.SparseStream,
      options,
    );
    await pipeline(source, target, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    throw toDriverError(error, aboutVolume(to.id));
  } finally {
    await Promise.all([reading.close(), writing.close()]);
  }
}
