import { LibvirtError } from '../libvirt-error.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const CANONICAL = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

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
  if (!CANONICAL.test(uuid)) {
    throw new LibvirtError('INVALID_ARGUMENT', `UUID ${JSON.stringify(uuid)} is not of the form 8-4-4-4-12.`);
  }
  buffer.write(uuid.replaceAll('-', ''), at, 'hex');
}
