import { setImmediate } from 'node:timers/promises';
import { bytes, DriverError, type ContentVolume, type TaskProgress, type Volume } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import { createBlockWriter, type BlockWriter } from '../content/block-writer.js';
import { BLOCK_BYTES } from '../content/content-store.js';
import { countBlocks, type Extents } from '../content/extents.js';
import { decodeQcow2 } from '../content/qcow2.js';
import { poolFull } from '../errors.js';
import type { MemorySession } from '../session.js';
import { interruptible } from './interruptible.js';
import { addVolume, checkNewVolume, endMaking, roundUp } from './new-volume.js';
import type { Scene } from './scene.js';
import { checkRoom, freeBytes } from './space.js';
import type { VolumeInMaking, VolumeState } from './state.js';
import { viewVolume } from './view.js';

const BYTES_BETWEEN_BREATHS = 4_194_304;

const cancelling = ({ name }: ContentVolume) => ({ what: `Making volume "${name}"`, stateAfter: 'unchanged' }) as const;

type Report = (progress: TaskProgress) => void;

async function receive(
  session: MemorySession,
  writer: BlockWriter,
  request: ContentVolume,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { content, pool } = request;
  const free = await session.look((scene) => freeBytes(scene, pool));
  const total = Number(content.sizeBytes);
  for await (const chunk of interruptible(content.open({ signal }), signal, cancelling(request))) {
    writer.push(chunk);
    if (writer.position > total) break;
    if (BigInt(writer.writtenBytes) > free) throw poolFull(pool, bytes(writer.writtenBytes), free);
    report({
      doneBytes: bytes(writer.position),
      totalBytes: content.sizeBytes,
      fraction: writer.position / total,
      phase: 'transfer',
    });
  }
  writer.end();
  if (writer.position === total) return;
  const how = writer.position > total ? 'more' : 'fewer';
  throw new DriverError(
    'IMAGE.CORRUPT',
    `Content of ${content.checksum.hex} has ${how} than the ${total} bytes that were announced; get it again.`,
  );
}

/** Brings the content into the layer and returns which blocks it has. */
async function fill(
  session: MemorySession,
  request: ContentVolume,
  { layer, scratch }: VolumeInMaking,
  report: Report,
  signal: AbortSignal,
): Promise<Extents> {
  const { content } = session.world;
  const writer = createBlockWriter(content, scratch ?? layer);
  await receive(session, writer, request, report, signal);
  if (scratch === undefined) return writer.extents;
  const decoded = createBlockWriter(content, layer);
  let sinceBreath = 0;
  for (const piece of decodeQcow2(content, { layer: scratch, sizeBytes: writer.position })) {
    if (typeof piece === 'number') decoded.skip(piece);
    else decoded.push(piece);
    sinceBreath += typeof piece === 'number' ? 1 : piece.length;
    if (sinceBreath < BYTES_BETWEEN_BREATHS) continue;
    sinceBreath = 0;
    // Decoding has nothing to wait for, and others want their turn too.
    await setImmediate();
    throwIfAborted({ signal }, cancelling(request));
  }
  decoded.end();
  return decoded.extents;
}

/** Makes the volume whose name was taken by `beginVolume`. After an error there is nothing left of it. */
export async function fillVolume(
  session: MemorySession,
  request: ContentVolume,
  making: VolumeInMaking,
  report: Report,
  signal: AbortSignal,
): Promise<Volume> {
  try {
    const extents = await fill(session, request, making, report, signal);
    throwIfAborted({ signal }, cancelling(request));
    return await session.change((scene) => viewVolume(scene, finish(scene, request, making, extents)));
  } finally {
    await session.change((scene) => endMaking(scene, making));
  }
}

/** The name that was taken becomes a volume, if the pool has room for what it holds. */
function finish(scene: Scene, request: ContentVolume, { layer }: VolumeInMaking, extents: Extents): VolumeState {
  const { making, layers } = scene.state;
  making.splice(0, making.length, ...making.filter((one) => one.layer !== layer));
  const format = checkNewVolume(scene, request);
  const sizeBytes = roundUp(request.sizeBytes ?? request.content.virtualSizeBytes);
  const written = BigInt(countBlocks(extents) * BLOCK_BYTES);
  checkRoom(scene, request.pool, request.provisioning === 'thick' ? sizeBytes : written, sizeBytes);
  const target = layers[layer];
  if (target) target.extents = extents;
  return addVolume(scene, request, { format, sizeBytes, layer });
}
