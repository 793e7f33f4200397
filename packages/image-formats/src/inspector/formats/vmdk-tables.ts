import { readExactly } from '../../byte-range.js';
import type { ByteSource } from '../../byte-source.js';
import { ImageError } from '../../image-error.js';
import { directoryEntries, effectiveHeader, mappedGrains } from '../../vmdk/grain-map.js';
import { readMarker } from '../../vmdk/marker.js';
import { longestCompressed } from '../../vmdk/compression.js';
import { grainBytes, SECTOR, type SparseHeader } from '../../vmdk/sparse-header.js';
import { corrupt, type ImageProblem } from '../inspection.js';

/**
 * Follows the tables of a sparse extent down to its grains: header and footer agree, directory, tables and grains are
 * inside the file and not more than fit, both copies of the tables are the same, and what is written as a stream has the
 * right marker at every grain. Stops at the first problem.
 */
export async function sparseTableProblems(source: ByteSource): Promise<ImageProblem[]> {
  try {
    const header = await effectiveHeader(source);
    for await (const { grain, sector } of mappedGrains(source, header))
      if (header.isCompressed) await checkMarker(source, header, grain, sector);
    if (header.redundantDirectory !== 0n) await compareCopies(source, header);
    return [];
  } catch (error) {
    if (error instanceof ImageError) return [corrupt(error.message)];
    throw error;
  }
}

async function checkMarker(source: ByteSource, header: SparseHeader, grain: number, sector: number): Promise<void> {
  const start = BigInt(sector) * BigInt(SECTOR);
  const marker = readMarker(await readExactly(source, start, 16));
  const isRight =
    marker?.kind === 'grain' &&
    (marker.at === BigInt(grain) * header.grainSectors || !header.hasMarkers) &&
    marker.length <= longestCompressed(grainBytes(header)) &&
    start + 12n + BigInt(marker.length) <= source.sizeBytes;
  if (!isRight) throw new ImageError('corrupt', 'A grain of it is not where its table says.');
}

// Programs differ in which copy they believe.
async function compareCopies(source: ByteSource, header: SparseHeader): Promise<void> {
  const length = header.entriesPerTable * 4;
  const second = directoryEntries(source, header, header.redundantDirectory);
  let left = source.sizeBytes / BigInt(length) + 1n;
  for await (const [, sector] of directoryEntries(source, header, header.directory)) {
    const { value } = await second.next();
    const copy = Array.isArray(value) ? Number(value[1]) : 0;
    if (sector === 0 && copy === 0) continue;
    left -= 1n;
    if (left < 0n) throw new ImageError('corrupt', 'It has more grain tables than fit into the file: some overlap.');
    const [one, other] = [await tableAt(source, sector, length), await tableAt(source, copy, length)];
    if (!one.equals(other)) throw new ImageError('corrupt', 'The two copies of its tables are not the same.');
  }
}

const tableAt = async (source: ByteSource, sector: number, length: number): Promise<Buffer> =>
  sector === 0 ? Buffer.alloc(length) : readExactly(source, BigInt(sector) * BigInt(SECTOR), length);
