import type { CallOptions, VolumeId } from '@virt-drivers/core';
import { storageVolWipe } from '@virt-drivers/libvirt';
import type { LibvirtSession } from '../session.js';
import type { OldFile, Report } from './backend.js';
import { copyByMachine } from './copying-machine.js';
import { aboutVolume, volumeOf } from './files.js';
import { COPYING } from './making.js';

/** Fills a volume that is there, and at least as large, with what a guest would read of another one, of whatever pool. */
export async function fillFrom(
  session: LibvirtSession,
  id: VolumeId,
  source: OldFile,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const { files } = session;
  const [chain, [target]] = await Promise.all([files.chain(source.id, options), files.chain(id, options)]);
  if (!target) return;
  const { capacityBytes: sizeBytes } = source.native;
  await copyByMachine(session, { what: `Volume ${source.id.key}`, chain, sizeBytes }, target, report, options);
}

/** Writes zeros over all of a volume, for a store whose blocks may have been somebody else's. */
export const fillWithZeros = ({ daemon }: LibvirtSession, id: VolumeId, options: CallOptions): Promise<void> =>
  daemon.call({ ...aboutVolume(id), ...COPYING }, options, (connection, call) =>
    storageVolWipe(connection, volumeOf(id), 0, call),
  );
