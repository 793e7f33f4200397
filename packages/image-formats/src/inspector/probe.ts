import { LONGEST_READ, type ByteSource } from '../byte-source.js';

/** The two ends of a content, where every format puts its signature. */
export interface Probe {
  readonly sizeBytes: bigint;
  /** The first 64 KiB, or less. */
  readonly head: Buffer;
  /** The last 1,024 bytes, or less. */
  readonly tail: Buffer;
}

const TAIL_LENGTH = 1_024n;

/** Reads what signatures are looked for in. */
export async function probe(source: ByteSource): Promise<Probe> {
  const { sizeBytes } = source;
  const tailOffset = sizeBytes > TAIL_LENGTH ? sizeBytes - TAIL_LENGTH : 0n;
  const head = await source.read(0n, LONGEST_READ);
  return { sizeBytes, head, tail: await source.read(tailOffset, Number(TAIL_LENGTH)) };
}

/** True when the head has this text at this offset. Zeros follow a content's end, as QEMU reads it. */
export const hasText = ({ head }: Probe, text: string, offset = 0): boolean =>
  head.toString('latin1', offset, offset + text.length).padEnd(text.length, '\0') === text;

/** True when this text stands so many bytes before the end. */
export const endsWithText = ({ tail }: Probe, text: string, fromEnd: number): boolean =>
  tail.length >= fromEnd &&
  tail.toString('latin1', tail.length - fromEnd, tail.length - fromEnd + text.length) === text;
