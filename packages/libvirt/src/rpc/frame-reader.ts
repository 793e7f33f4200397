import { LibvirtError } from '../libvirt-error.js';
import { HEADER_BYTES, LENGTH_BYTES, MESSAGE_MAX } from './message.js';

/** Gets a message where it lies, without its length field, so that the many small ones cost no object each. */
export type OnFrame = (bytes: Buffer, start: number, end: number) => void;

/** Cuts a byte stream into messages. Keeps only what an incomplete message has sent so far. */
export class FrameReader {
  #parts: Buffer[] = [];
  #collected = 0;

  /** Calls `onFrame` for every message completed by `chunk`. Throws on a false length. */
  push(chunk: Buffer, onFrame: OnFrame): void {
    let at = 0;
    if (this.#collected > 0) {
      at = this.#complete(chunk, onFrame);
      if (at < 0) return;
    }
    while (chunk.length - at >= LENGTH_BYTES) {
      const length = frameLength(chunk, at);
      if (chunk.length - at < length) break;
      onFrame(chunk, at + LENGTH_BYTES, at + length);
      at += length;
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at));
  }

  /** Finishes the message begun earlier; returns where the next one starts, or -1 when all of `chunk` was needed. */
  #complete(chunk: Buffer, onFrame: OnFrame): number {
    let used = 0;
    if (this.#collected < LENGTH_BYTES) {
      used = Math.min(LENGTH_BYTES - this.#collected, chunk.length);
      this.#keep(chunk.subarray(0, used));
      if (this.#collected < LENGTH_BYTES) return -1;
    }
    const start = this.#head();
    const missing = frameLength(start, 0) - this.#collected;
    const rest = chunk.subarray(used, used + missing);
    this.#keep(rest);
    if (rest.length < missing) return -1;
    const frame = Buffer.concat(this.#parts, this.#collected);
    this.#parts = [];
    this.#collected = 0;
    onFrame(frame, LENGTH_BYTES, frame.length);
    return used + missing;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    // A copy, because the receive buffer is used again; small parts are joined so that slow bytes cost no more than fast.
    const last = this.#parts.at(-1);
    if (last !== undefined && last.length + part.length <= 4096)
      this.#parts[this.#parts.length - 1] = Buffer.concat([last, part]);
    else this.#parts.push(Buffer.from(part));
    this.#collected += part.length;
  }

  /** The first part holds the whole length field: small parts are joined. */
  #head(): Buffer {
    return this.#parts[0] as Buffer;
  }
}

function frameLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length < LENGTH_BYTES + HEADER_BYTES || length > MESSAGE_MAX) {
    throw new LibvirtError(
      'PROTOCOL_VIOLATION',
      `Message from the daemon announces ${length} bytes, outside the protocol.`,
    );
  }
  return length;
}
