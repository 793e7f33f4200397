import { BLOCK_BYTES, type ContentStore } from './content-store.js';
import { addBlock, type Extents } from './extents.js';

/** Writes a stream of bytes into a layer, block by block; blocks of zeros are left out. */
export interface BlockWriter {
  readonly extents: Extents;
  /** Bytes taken so far. */
  readonly position: number;
  /** Bytes that were not zero and therefore take room. */
  readonly writtenBytes: number;
  push(chunk: Uint8Array): void;
  /** The same as so many zeros, but without touching whole blocks of them. */
  skip(length: number): void;
  /** Writes the last, incomplete block. */
  end(): void;
}

const isZero = (block: Uint8Array): boolean => {
  // Words are compared, not bytes: a block is read eight times faster.
  const words = new BigUint64Array(block.buffer, block.byteOffset, block.length >>> 3);
  return words.every((word) => word === 0n);
};

/** Starts at the beginning of an empty layer. */
export function createBlockWriter(content: ContentStore, layer: string): BlockWriter {
  const extents: Extents = [];
  const block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  let position = 0;
  let writtenBytes = 0;

  const flush = (): void => {
    if (!isZero(block)) {
      const number = Math.floor((position - 1) / BLOCK_BYTES);
      content.write(layer, number, block);
      addBlock(extents, number);
      writtenBytes += BLOCK_BYTES;
    }
    block.fill(0);
    filled = 0;
  };

  const push = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + BLOCK_BYTES - filled);
      block.set(piece, filled);
      filled += piece.length;
      position += piece.length;
      at += piece.length;
      if (filled === BLOCK_BYTES) flush();
    }
  };

  return {
    extents,
    get position() {
      return position;
    },
    get writtenBytes() {
      return writtenBytes;
    },
    push,
    skip(length) {
      const toBlockEnd = filled === 0 ? 0 : Math.min(length, BLOCK_BYTES - filled);
      push(new Uint8Array(toBlockEnd));
      const whole = length - toBlockEnd - ((length - toBlockEnd) % BLOCK_BYTES);
      position += whole;
      push(new Uint8Array(length - toBlockEnd - whole));
    },
    end() {
      if (filled > 0) flush();
    },
  };
}
