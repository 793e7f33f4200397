import type { ByteSource } from '../byte-source.js';
import type { FormatInspector } from './format-inspector.js';
import { corrupt, unsafe, type ImageInspection, type ImageProblem } from './inspection.js';
import { partitionTable } from './partition-table.js';
import { probe, type Probe } from './probe.js';
import { raw } from './formats/raw.js';
import { FORMAT_INSPECTORS } from './registry.js';

/**
 * Says what a content is, from its bytes alone and without any other program. Memory is bounded whatever the content
 * says; reading is bounded by a small multiple of its size. Hostile content is reported in `problems`.
 * Throws only what the source throws.
 */
export async function inspectImage(source: ByteSource): Promise<ImageInspection> {
  const ends = await probe(source);
  const matching = FORMAT_INSPECTORS.filter((inspector) => inspector.matches(ends));
  const inspector = matching[0] ?? raw;
  const findings = await inspector.inspect(source, ends);
  const table = partitionTable(ends);
  return {
    ...findings,
    format: inspector.format,
    signatures: matching.map(({ format }) => format),
    ...(table && { partitionTable: table }),
    sizeBytes: source.sizeBytes,
    problems: [...ambiguity(matching), ...emptiness(ends), ...findings.problems],
  };
}

// Two tools may disagree on what such a content is, and one of them then follows references that the other never saw.
function ambiguity(matching: readonly FormatInspector[]): ImageProblem[] {
  if (matching.length < 2) return [];
  return [unsafe(`It carries the signatures of several formats: ${matching.map(({ format }) => format).join(', ')}.`)];
}

const emptiness = ({ sizeBytes }: Probe): ImageProblem[] => (sizeBytes === 0n ? [corrupt('It is empty.')] : []);
