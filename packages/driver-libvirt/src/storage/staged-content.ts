import { poolId, type CallOptions, type ImageSource } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { intermediateName } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import type { NewFile, OldFile, Report } from './backend.js';
import { makeFromContent } from './content.js';
import { checkFormat, unmake } from './making.js';
import { stagingPlace } from './staging.js';

/** Keeps content as a file of the host for as long as work needs it there, for a store that takes it from no other place. */
export async function withStagedContent(
  session: LibvirtSession,
  volume: NewFile & { readonly content: ImageSource },
  report: Report,
  options: CallOptions,
  work: (source: OldFile) => Promise<void>,
): Promise<void> {
  const { content, name } = volume;
  const format = checkFormat(content.format);
  const staging = await stagingPlace(session, options);
  const id = { pool: poolId(staging.native.name), key: intermediateName(name, format) };
  await withUndo(async (undo) => {
    const plain = { ...volume, id, sizeBytes: content.virtualSizeBytes };
    await makeFromContent(staging, plain, format, report, options);
    undo.push(`volume ${id.key}`, unmake(session, id));
    await work({ id, native: await session.files.read(id, options) });
    await unmake(session, id)(options);
  });
}
