import { setImmediate } from 'node:timers/promises';
import { bytes, DriverError, type ContentVolume, type TaskProgress, type Volume } from '@virt-drivers/core';
import { createBlockWriter, type BlockWriter } from '../content/block-writer.js';
import type { Extents } from '../content/extents.js';
import { decodeQcow2 } from '../content/qcow2.js';
import { poolFull } from '../errors.js';
import type { MemorySession } from '../session.js';
import { addVolume, checkNewVolume, endMaking, roundUp } from './new-volume.js';
import { checkRoom, freeBytes } from './space.js';
import type { VolumeInMaking } from './state.js';
import { viewVolume } from './view.js';

const BYTES_BETWEEN_BREATHS = 4_194_304;

type Report = (progress: TaskProgress) => void;

async function receive(
  session: MemorySession,
  writer: BlockWriter,
  { content, pool }: ContentVolume,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const free = await session.look((scene) => freeBytes(scene, pool));
  const total = Number(content.sizeBytes);
  for await (const chunk of content.open({ signal })) {
    signal.throwIfAborted();
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
    signal.throwIfAborted();
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
    return await session.change((scene) => {
      signal.throwIfAborted();
      const { making: all, layers } = scene.state;
      all.splice(0, all.length, ...all.filter(({ layer }) => layer !== making.layer));
      const format = checkNewVolume(scene, request);
      const sizeBytes = roundUp(request.sizeBytes ?? request.content.virtualSizeBytes);
      const layer = layers[making.layer];
      if (layer) layer.extents = extents;
      const volume = addVolume(scene, request, { format, sizeBytes, layer: making.layer });
      checkRoom(scene, request.pool, 0n, sizeBytes);
      return viewVolume(scene, volume);
    });
  } finally {
    await session.change((scene) => endMaking(scene, making));
  }
}
