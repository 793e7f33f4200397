/** Length of a logical sector. */
export const SECTOR = 2_048;

/** Sectors that so many bytes need. */
export const sectors = (length: number): number => Math.ceil(length / SECTOR);

/** Writes a 16-bit number in both byte orders (ECMA-119 7.2.3). */
export function both16(target: Buffer, value: number, offset: number): void {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
}

/** Writes a 32-bit number in both byte orders (ECMA-119 7.3.3). */
export function both32(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
}

/** A moment as seven bytes, UTC (ECMA-119 9.1.5). */
export const shortDate = (at: Date): Buffer =>
  Buffer.from([
    at.getUTCFullYear() - 1_900,
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
    0,
  ]);

/** A moment as sixteen digits and a time zone, UTC (ECMA-119 8.4.26.1). */
export const longDate = (at: Date): Buffer =>
  Buffer.concat([Buffer.from(at.toISOString().replace(/\D/g, '').slice(0, 16), 'ascii'), Buffer.alloc(1)]);

/** The long date that says: not given. */
export const NO_DATE = Buffer.concat([Buffer.alloc(16, '0'), Buffer.alloc(1)]);

/** UCS-2 with the high byte first, as Joliet writes names. */
export const bigEndianText = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
