import { withUndo } from '@virt-drivers/core/kit';
import { FORMATS, fileNameOf, formatOf, type VolumeFormat } from '../convert/volume-xml.js';
import type { Backend } from './backend.js';
import { convertFile, growAnyFile } from './converting.js';
import { makeFromContent } from './content.js';
import { exportFile } from './export.js';
import { checkFormat, makeFile, making } from './making.js';
import { removeFile } from './removal.js';

/** What is particular about one format of files. */
export interface FileKind {
  readonly format: VolumeFormat;
  /** A file may continue another one, copy on write. */
  readonly continues: boolean;
}

/** Volumes that are files in libvirt's directory pools. */
export function fileBackend({ format, continues }: FileKind): Backend {
  const backend: Backend = {
    name: format,
    format,
    takes: FORMATS,
    keyOf: (name) => fileNameOf(name, format),
    async blank({ session, pool }, { id, sizeBytes, thick }, options) {
      const plan = { fileName: id.key, format, capacityBytes: sizeBytes, thick };
      return withUndo((undo) => making(undo, session, id, () => makeFile(session, pool, plan, options)));
    },
    async fromContent(place, volume, report, options) {
      await makeFromContent(place, volume, format, report, options);
      return volume.id;
    },
    async clone({ session, pool }, { id, sizeBytes, source }, options) {
      const plan = { fileName: id.key, format, capacityBytes: source.native.capacityBytes };
      await withUndo(async (undo) => {
        await convertFile(undo, { session, pool }, plan, source, () => undefined, options);
        await growAnyFile(session, id, sizeBytes, options);
      });
      return id;
    },
    grow: ({ session }, { id }, sizeBytes, options) => growAnyFile(session, id, sizeBytes, options),
    export: exportFile,
    remove: ({ session }, id, options) => removeFile(session, id, options),
    usage: ({ session }, { id }, options) => session.files.continuedBy(id, options),
  };
  if (!continues) return backend;
  return {
    ...backend,
    async fromImage({ session, pool }, { id, sizeBytes, image }, options) {
      const backing = { path: image.native.path, format: checkFormat(formatOf(image.native)) };
      const plan = { fileName: id.key, format, capacityBytes: sizeBytes, backing };
      return withUndo((undo) => making(undo, session, id, () => makeFile(session, pool, plan, options)));
    },
  };
}
