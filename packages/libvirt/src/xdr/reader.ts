import { LibvirtError } from '../libvirt-error.js';
import { formatUuid } from './uuid.js';

/** The longest string that the protocol allows, in bytes. */
export const STRING_MAX = 4194304;

/** Reads XDR (RFC 4506) values from one message. Every read is checked against the end of the message. */
export class XdrReader {
  readonly #buffer: Buffer;
  #position: number;
  readonly #end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  readUInt32(): number {
    const at = this.#take(4);
    return this.#buffer.readUInt32BE(at);
  }

  readInt32(): number {
    const at = this.#take(4);
    return this.#buffer.readInt32BE(at);
  }

  readUInt64(): bigint {
    const at = this.#take(8);
    return this.#buffer.readBigUInt64BE(at);
  }

  readInt64(): bigint {
    const at = this.#take(8);
    return this.#buffer.readBigInt64BE(at);
  }

  readDouble(): number {
    const at = this.#take(8);
    return this.#buffer.readDoubleBE(at);
  }

  readBool(): boolean {
    return this.readUInt32() !== 0;
  }

  readString(max = STRING_MAX): string {
    const length = this.#length(max);
    const at = this.#take(length + padding(length));
    // Short ASCII strings, which most are, cost less here than a call into the runtime's decoder.
    return length < 24 ? shortString(this.#buffer, at, length) : this.#buffer.toString('utf8', at, at + length);
  }

  readOptionalString(): string | undefined {
    return this.readBool() ? this.readString() : undefined;
  }

  readOptional<T>(readValue: (reader: XdrReader) => T): T | undefined {
    return this.readBool() ? readValue(this) : undefined;
  }

  /** A copy: messages are decoded from a receive buffer that is used again. */
  readOpaque(max: number): Buffer {
    const length = this.#length(max);
    const at = this.#take(length + padding(length));
    return Buffer.from(this.#buffer.subarray(at, at + length));
  }

  readUuid(): string {
    return formatUuid(this.#buffer, this.#take(16));
  }

  /** A character array as text; it ends at the first NUL. */
  readChars(count: number): string {
    const bytes = this.#charBytes(count);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? count : end);
  }

  readVariableChars(max: number): string {
    return this.readChars(this.#length(max));
  }

  readCharBytes(max: number): Buffer {
    return this.#charBytes(this.#length(max));
  }

  /** XDR sends every `char` of an array as four bytes. */
  #charBytes(count: number): Buffer {
    const at = this.#take(count * 4);
    const bytes = Buffer.alloc(count);
    for (let index = 0; index < count; index++) bytes[index] = this.#buffer.readUInt32BE(at + index * 4) & 0xff;
    return bytes;
  }

  readArray<T>(max: number, readItem: (reader: XdrReader) => T): T[] {
    const count = this.#length(max);
    // Each element takes at least four bytes, so a false count cannot make us allocate more than was sent.
    if (count * 4 > this.remaining) throw malformed(`announces ${count} elements in ${this.remaining} bytes`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(readItem(this));
    return items;
  }

  #length(max: number): number {
    const length = this.readUInt32();
    if (length > max) throw malformed(`holds a length of ${length}, but the protocol allows ${max}`);
    return length;
  }

  #take(bytes: number): number {
    const at = this.#position;
    if (bytes > this.#end - at) throw malformed(`ends ${bytes - (this.#end - at)} bytes too early`);
    this.#position = at + bytes;
    return at;
  }
}

function shortString(buffer: Buffer, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length; index++) {
    // The index is inside the message: #take checked it.
    const byte = buffer[index] as number;
    if (byte > 127) return buffer.toString('utf8', at, at + length);
    text += String.fromCharCode(byte);
  }
  return text;
}

function padding(length: number): number {
  return -length & 3;
}

function malformed(what: string): LibvirtError {
  return new LibvirtError('PROTOCOL_VIOLATION', `Message from the daemon ${what}.`);
}
