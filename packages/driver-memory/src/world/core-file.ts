import { encodeJson } from './state-codec.js';
import type { MachineEntry } from './state.js';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const CORE_FILE = 4;
const X86_64 = 62;
const NOTE = 4;

/** A core file (ELF, 64 bits) with one note: what the guest holds, as JSON. Its memory is all that there is of it. */
export function coreFileOf({ id, guest }: MachineEntry): Uint8Array[] {
  const name = Buffer.from('MEMORY\0\0', 'latin1');
  const content = Buffer.from(encodeJson({ machine: id, guest: guest ?? null }), 'utf8');
  const padding = Buffer.alloc((4 - (content.length % 4)) % 4);
  const note = Buffer.alloc(12);
  // Name without its padding, content, type: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html
  note.writeUInt32LE(7, 0);
  note.writeUInt32LE(content.length, 4);
  note.writeUInt32LE(1, 8);
  const notes = Buffer.concat([note, name, content, padding]);

  const header = Buffer.alloc(HEADER_BYTES + PROGRAM_HEADER_BYTES);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(CORE_FILE, 16);
  header.writeUInt16LE(X86_64, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  header.writeUInt16LE(HEADER_BYTES, 52);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(NOTE, HEADER_BYTES);
  header.writeBigUInt64LE(BigInt(header.length), HEADER_BYTES + 8);
  header.writeBigUInt64LE(BigInt(notes.length), HEADER_BYTES + 32);
  return [Uint8Array.from(header), Uint8Array.from(notes)];
}
