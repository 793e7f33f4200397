import { poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import type { UndoStack } from '@virt-drivers/core/kit';
import { isInFolder, looksLikeAnother, type VolumePlan } from '../convert/volume-xml.js';
import type { LibvirtSession } from '../session.js';
import type { OldFile, Place, Report } from './backend.js';
import { copyByMachine, growByMachine } from './copying-machine.js';
import { copyFile, growFile, makeFile, making } from './making.js';

/**
 * Makes a file from another one, in the plan's format and with the plan's size, which is the source's.
 * Notes on the stack how to take it back.
 */
export async function convertFile(
  undo: UndoStack,
  { session, pool }: Pick<Place, 'session' | 'pool'>,
  plan: VolumePlan,
  source: OldFile,
  report: Report,
  options: CallOptions,
): Promise<void> {
  const id = { pool: poolId(pool.name), key: plan.fileName };
  const { native } = source;
  if (native.kind === 'file' && !looksLikeAnother(native) && !isInFolder(native)) {
    await making(undo, session, id, () => copyFile(session, pool, plan, source.id, options));
    return;
  }
  const made = await making(undo, session, id, () => makeFile(session, pool, plan, options));
  const [chain, [target]] = await Promise.all([
    session.files.chain(source.id, options),
    session.files.chain(made, options),
  ]);
  if (target) await copyByMachine(session, { what: `Volume ${source.id.key}`, chain }, target, report, options);
}

/** Grows a file that nothing runs on to this size; one that has it stays. */
export async function growAnyFile(
  session: LibvirtSession,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const native = await session.files.read(id, options);
  if (!looksLikeAnother(native)) return growFile(session, id, sizeBytes, options);
  if (native.capacityBytes >= sizeBytes) return;
  const chain = await session.files.chain(id, options);
  await growByMachine(session, { what: `Volume ${id.key}`, chain }, sizeBytes, options);
}
