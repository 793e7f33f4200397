import { LibvirtError } from '../libvirt-error.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 16 bytes at `at` as `8-4-4-4-12` lower-case hexadecimal digits. */
export function formatUuid(buffer: Buffer, at: number): string {
  let text = '';
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += HEX[buffer[at + index] as number] as string;
  }
  return text;
}

/** Writes a UUID given with or without dashes as 16 bytes at `at`. */
export function writeUuid(buffer: Buffer, at: number, uuid: string): void {
  const dashed = uuid.length === 36;
  let from = 0;
  for (let index = 0; index < 16; index++) {
    if (dashed && (index === 4 || index === 6 || index === 8 || index === 10) && uuid.charCodeAt(from++) !== DASH)
      throw malformed(uuid);
    const byte = digit(uuid.charCodeAt(from)) * 16 + digit(uuid.charCodeAt(from + 1));
    if (!(byte >= 0)) throw malformed(uuid);
    buffer[at + index] = byte;
    from += 2;
  }
  if (from !== uuid.length) throw malformed(uuid);
}

const DASH = 0x2d;

/** NaN for what is no hexadecimal digit. */
function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NaN;
}

function malformed(uuid: string): LibvirtError {
  return new LibvirtError('INVALID_ARGUMENT', `UUID ${JSON.stringify(uuid)} is not of the form 8-4-4-4-12.`);
}
