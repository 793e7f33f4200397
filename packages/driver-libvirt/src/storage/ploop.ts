import type { CallOptions } from '@virt-drivers/core';
import { withUndo, type UndoStack } from '@virt-drivers/core/kit';
import { folderName } from '../convert/ploop.js';
import { FORMATS, intermediateName } from '../convert/volume-xml.js';
import type { Backend, NewFile, OldFile, Place, Report } from './backend.js';
import { makeFromContent } from './content.js';
import { convertFile, growAnyFile } from './converting.js';
import { exportFile } from './export.js';
import { fillFrom } from './filling.js';
import { growByCopy, isGrowth, settleGrowth, type Remaking } from './growth-by-copy.js';
import { makeFile, making, unmake } from './making.js';
import { makeFolder, removeFolder } from './ploop-folder.js';

/**
 * Disks in Parallels' format. libvirt's storage API knows them by its tool's name, ploop, and does nothing with them
 * where that tool is not; so folders are laid out by the driver, and all bytes go through QEMU, which reads and writes the
 * format but does not grow it, and does not migrate machines that have it.
 */
export const ploop: Backend = {
  name: 'ploop',
  format: 'parallels',
  takes: FORMATS,
  keyOf: folderName,
  onlyThin: 'clusters of such an image are there once they are written.',
  async blank(place, { id, sizeBytes }, options) {
    await makeFolder(place, id, sizeBytes, options);
    return id;
  },
  async fromContent(place, volume, report, options) {
    const { content } = volume;
    await throughRaw(
      place,
      volume,
      async (undo, staged) => {
        await makeFromContent(place, { ...staged, content }, 'raw', report, options);
        undo.push(`volume ${staged.id.key}`, unmake(place.session, staged.id));
      },
      report,
      options,
    );
    return volume.id;
  },
  async clone(place, volume, options) {
    const { source, sizeBytes } = volume;
    const report: Report = () => undefined;
    if (source.native.capacityBytes === sizeBytes) await makeFilled(place, volume, source, report, options);
    else
      await throughRaw(
        place,
        volume,
        async (undo, { id }) => {
          const plan = { fileName: id.key, format: 'raw', capacityBytes: source.native.capacityBytes } as const;
          await convertFile(undo, place, plan, source, report, options);
          await growAnyFile(place.session, id, sizeBytes, options);
        },
        report,
        options,
      );
    return volume.id;
  },
  growsStoppedOnly: true,
  grow: (place, volume, sizeBytes, options) => growByCopy(place.session, volume, sizeBytes, remaking(place), options),
  settle: (place, id, options) => settleGrowth(place.session, id, remaking(place), options),
  export: exportFile,
  remove: ({ session }, id, options) => removeFolder(session, id, options),
  usage: () => Promise.resolve([]),
};

/** QEMU copies to an image that has the size of what is copied, and to no larger one: so that gets it first. */
async function throughRaw(
  place: Place,
  volume: NewFile,
  make: (undo: UndoStack, staged: NewFile) => Promise<void>,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  const id = { pool: volume.id.pool, key: intermediateName(volume.name, 'raw') };
  await withUndo(async (undo) => {
    await make(undo, { ...volume, id, thick: false });
    const native = await session.files.read(id, options);
    await makeFilled(place, volume, { id, native }, report, options);
    await unmake(session, id)(options);
  });
}

/** Makes a volume with the content of one of its size. */
async function makeFilled(
  place: Place,
  { id, sizeBytes }: NewFile,
  source: OldFile,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const { session } = place;
  await withUndo(async (undo) => {
    await makeFolder(place, id, sizeBytes, options);
    undo.push(`volume ${id.key}`, (own) => removeFolder(session, id, own));
    await fillFrom(session, id, source, report, options);
  });
}

/** The copy is a plain file. */
const remaking = (place: Place): Remaking => ({
  ending: '.raw',
  async make(id, sizeBytes, options) {
    if (!isGrowth(id.key)) return makeFolder(place, id, sizeBytes, options);
    const { session, pool } = place;
    const plan = { fileName: id.key, format: 'raw', capacityBytes: sizeBytes } as const;
    await withUndo((undo) => making(undo, session, id, () => makeFile(session, pool, plan, options)));
  },
  remove: (id, options) =>
    isGrowth(id.key) ? unmake(place.session, id)(options) : removeFolder(place.session, id, options),
});
