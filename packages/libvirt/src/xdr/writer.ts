import { LibvirtError } from '../libvirt-error.js';
import { STRING_MAX } from './reader.js';
import { writeUuid } from './uuid.js';

const SLAB = 64 * 1024;
const SHORT = 64;

/** Appends XDR (RFC 4506) values to a buffer that grows; one writer serves all calls of a connection. */
export class XdrWriter {
  #buffer = Buffer.allocUnsafeSlow(SLAB);
  #start = 0;
  #length = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length - this.#start;
  }

  /** Forgets everything after `length`: an argument that cannot be encoded must not leave half a message. */
  truncate(length: number): void {
    this.#length = this.#start + length;
  }

  /** Hands the bytes over, uncopied; what follows goes behind them until the buffer is used up. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(this.#start, this.#length);
    this.#start = this.#length;
    return bytes;
  }

  patchUInt32(at: number, value: number): void {
    this.#buffer.writeUInt32BE(value, this.#start + at);
  }

  /** Accepts negative 32-bit values as well: in JavaScript a flag set with bit 31 is one. */
  writeUInt32(value: number): void {
    if (value >>> 0 !== value && (value | 0) !== value) throw invalid(`${value} is not an unsigned 32-bit integer`);
    const at = this.#reserve(4);
    this.#buffer.writeUInt32BE(value >>> 0, at);
  }

  writeInt32(value: number): void {
    if ((value | 0) !== value) throw invalid(`${value} is not a 32-bit integer`);
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
  }

  writeUInt64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw invalid(`${value} is not an unsigned 64-bit integer`);
    const at = this.#reserve(8);
    this.#buffer.writeBigUInt64BE(value, at);
  }

  writeInt64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw invalid(`${value} is not a 64-bit integer`);
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64BE(value, at);
  }

  writeDouble(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  writeBool(value: boolean): void {
    this.writeUInt32(value ? 1 : 0);
  }

  writeString(value: string, max = STRING_MAX): void {
    if (value.length <= SHORT && value.length <= max && this.#writeAscii(value)) return;
    this.#writeText(value, max);
  }

  /** Names and keys: written here, they cost less than a call into the runtime's encoder. */
  #writeAscii(value: string): boolean {
    const length = value.length;
    const at = this.#reserve(4 + length + (-length & 3));
    const buffer = this.#buffer;
    buffer.writeUInt32BE(length, at);
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code === 0 || code > 127) {
        this.#length = at;
        return false;
      }
      buffer[at + 4 + index] = code;
    }
    buffer.fill(0, at + 4 + length, this.#length);
    return true;
  }

  #writeText(value: string, max: number): void {
    // The daemon reads C strings: it would silently drop what follows a NUL.
    if (value.includes('\0')) throw invalid('a string holds a NUL character');
    const bytes = Buffer.byteLength(value, 'utf8');
    // Half of a surrogate pair has no UTF-8 form: another character would be stored in its place.
    if (bytes !== value.length && /\p{Surrogate}/u.test(value))
      throw invalid('a string holds half of a surrogate pair');
    if (bytes > max) throw invalid(`a string of ${bytes} bytes is longer than the protocol's ${max}`);
    this.writeUInt32(bytes);
    const at = this.#reserve(bytes + (-bytes & 3));
    this.#buffer.write(value, at, 'utf8');
    this.#buffer.fill(0, at + bytes, this.#length);
  }

  writeOptionalString(value: string | undefined): void {
    this.writeBool(value !== undefined);
    if (value !== undefined) this.writeString(value);
  }

  writeOptional<T>(value: T | undefined, writeValue: (writer: XdrWriter, value: T) => void): void {
    this.writeBool(value !== undefined);
    if (value !== undefined) writeValue(this, value);
  }

  writeOpaque(value: Uint8Array, max: number): void {
    if (value.length > max) throw invalid(`${value.length} bytes are more than the protocol's ${max}`);
    this.writeUInt32(value.length);
    this.writeBytes(value);
  }

  /** XDR sends every `char` of an array as four bytes. */
  writeCharBytes(value: Uint8Array, max: number): void {
    if (value.length > max) throw invalid(`${value.length} bytes are more than the protocol's ${max}`);
    this.writeUInt32(value.length);
    // As signed characters, which is what C's XDR sends.
    for (const byte of value) this.writeInt32((byte << 24) >> 24);
  }

  /** Bytes without a length, padded to four. */
  writeBytes(value: Uint8Array): void {
    const at = this.#reserve(value.length + (-value.length & 3));
    this.#buffer.set(value, at);
    this.#buffer.fill(0, at + value.length, this.#length);
  }

  writeUuid(value: string): void {
    // Room first: making it may put another buffer in the place of this one.
    const at = this.#reserve(16);
    writeUuid(this.#buffer, at, value);
  }

  writeArray<T>(values: readonly T[], max: number, writeItem: (writer: XdrWriter, item: T) => void): void {
    if (values.length > max) throw invalid(`a list of ${values.length} is longer than the protocol's ${max}`);
    this.writeUInt32(values.length);
    for (const value of values) writeItem(this, value);
  }

  #reserve(bytes: number): number {
    if (this.#length + bytes > this.#buffer.length) this.#grow(this.length + bytes);
    const at = this.#length;
    this.#length = at + bytes;
    return at;
  }

  #grow(needed: number): void {
    const next = Buffer.allocUnsafeSlow(needed * 2 > SLAB ? needed * 2 : SLAB);
    this.#buffer.copy(next, 0, this.#start, this.#length);
    this.#buffer = next;
    this.#length -= this.#start;
    this.#start = 0;
  }
}

function invalid(what: string): LibvirtError {
  return new LibvirtError('INVALID_ARGUMENT', `Argument cannot be sent: ${what}.`);
}
