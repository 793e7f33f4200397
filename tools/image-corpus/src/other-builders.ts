/** A text, then zeros up to 64 KiB. */
export function padded(start: string): Buffer {
  const image = Buffer.alloc(65_536);
  image.write(start, 'latin1');
  return image;
}

/** A text file. */
export const text = (content: string): Buffer => Buffer.from(content, 'latin1');

/** The first descriptor of an ISO 9660 volume that claims `sectors` sectors, in a file of 20. */
export function iso(sectors = 20): Buffer {
  const image = Buffer.alloc(20 * 2_048);
  image.write('\x01CD001\x01', 32_768, 'latin1');
  image.writeUInt32LE(sectors, 32_768 + 80);
  image.writeUInt16LE(2_048, 32_768 + 128);
  return image;
}

/** A fixed VHD: that many zeros, then the footer; `wrongBy` falsifies its checksum. */
export function vhdFixed(length: number, type = 2, wrongBy = 0): Buffer {
  const footer = Buffer.alloc(512);
  footer.write('conectix');
  footer.writeBigUInt64BE(BigInt(length), 48);
  footer.writeUInt32BE(type, 60);
  const sum = footer.reduce((total, byte) => total + byte, 0);
  footer.writeUInt32BE((~sum >>> 0) - wrongBy, 64);
  return Buffer.concat([Buffer.alloc(length), footer]);
}

/** A VirtualBox image of 1 MiB without data; `change` may lie. */
export function vdi(type = 1, change: (image: Buffer) => void = () => undefined): Buffer {
  const image = Buffer.alloc(4_096);
  image.writeUInt32LE(0xbeda107f, 0x40);
  image.writeUInt32LE(type, 0x4c);
  image.writeUInt32LE(1_024, 0x154);
  image.writeUInt32LE(2_048, 0x158);
  image.writeUInt32LE(512, 0x168);
  image.writeBigUInt64LE(1_048_576n, 0x170);
  image.writeUInt32LE(1_048_576, 0x178);
  image.writeUInt32LE(1, 0x180);
  image.writeUInt32LE(0xffff_ffff, 1_024);
  change(image);
  return image;
}

/** A QED image of 1 MiB without data, with clusters of 4 KiB and its table at 4 KiB. */
export function qed(backingFile = '', change: (image: Buffer) => void = () => undefined): Buffer {
  const image = padded('QED\0');
  image.writeUInt32LE(4_096, 4);
  image.writeUInt32LE(1, 8);
  image.writeBigUInt64LE(backingFile === '' ? 0n : 1n, 16);
  image.writeBigUInt64LE(4_096n, 40);
  image.writeBigUInt64LE(1_048_576n, 48);
  image.writeUInt32LE(512, 56);
  image.writeUInt32LE(backingFile.length, 60);
  image.write(backingFile, 512);
  change(image);
  return image;
}

/** A Parallels image of 1 MiB without data, with one block of 1 MiB. */
export function parallels(change: (image: Buffer) => void = () => undefined): Buffer {
  const image = padded('WithouFreSpacExt');
  image.writeUInt32LE(2, 16);
  image.writeUInt32LE(2_048, 28);
  image.writeUInt32LE(1, 32);
  image.writeBigUInt64LE(2_048n, 36);
  change(image);
  return image;
}

/** A header of LUKS 1 whose data begins at 32 KiB. */
export function luks(change: (image: Buffer) => void = () => undefined): Buffer {
  const image = padded('LUKS\xba\xbe\0\x01');
  image.writeUInt32BE(64, 104);
  change(image);
  return image;
}

/** A dynamic VHD of 1 MiB without data: footer, second header at 512, table at 1,536, footer. `change` gets the header. */
export function vhdDynamic(change: (header: Buffer, table: Buffer) => void = () => undefined, resum = true): Buffer {
  const footer = vhdFixed(1_048_576, 3).subarray(-512);
  footer.writeBigUInt64BE(512n, 16);
  footer.writeUInt32BE(0, 64);
  footer.writeUInt32BE(~footer.reduce((total, byte) => total + byte, 0) >>> 0, 64);
  const [header, table] = [Buffer.alloc(1_024), Buffer.alloc(512, 0xff)];
  header.write('cxsparse');
  header.writeBigUInt64BE(1_536n, 16);
  header.writeUInt32BE(1, 28);
  header.writeUInt32BE(2_097_152, 32);
  change(header, table);
  if (resum) {
    header.writeUInt32BE(0, 36);
    header.writeUInt32BE(~header.reduce((total, byte) => total + byte, 0) >>> 0, 36);
  }
  return Buffer.concat([footer, header, table, footer]);
}

/**
 * A sparse VMDK of 1 MiB without data, with an embedded descriptor that claims `sectors` sectors; `change` may lie further.
 * Directories at sectors 21 and 22, their tables at 23 and 27.
 */
export function vmdkSparse(
  descriptor: string,
  sectors = 20n,
  change: (image: Buffer) => void = () => undefined,
): Buffer {
  const image = padded('KDMV');
  image.writeUInt32LE(1, 4);
  image.writeUInt32LE(3, 8);
  image.writeBigUInt64LE(2_048n, 12);
  image.writeBigUInt64LE(128n, 20);
  image.writeBigUInt64LE(1n, 28);
  image.writeBigUInt64LE(sectors, 36);
  image.writeUInt32LE(512, 44);
  image.writeBigUInt64LE(21n, 48);
  image.writeBigUInt64LE(22n, 56);
  image.writeBigUInt64LE(128n, 64);
  image.write('\n \r\n', 73, 'latin1');
  image.write(descriptor, 512, 'latin1');
  image.writeUInt32LE(23, 21 * 512);
  image.writeUInt32LE(27, 22 * 512);
  change(image);
  return image;
}

/** Parts of a VHDX that a test may lie about. */
export interface VhdxLies {
  readonly hasParent?: boolean;
  readonly regions?: number;
  readonly noMetadata?: boolean;
  /** Before checksums are made. */
  readonly change?: (image: Buffer) => void;
  /** After. */
  readonly damage?: (image: Buffer) => void;
}

const MEBIBYTE = 1_048_576;

/** A VHDX of 1 MiB without data: metadata at 1 MiB, block table at 2 MiB. */
export function vhdx(lies: VhdxLies): Buffer {
  const image = Buffer.alloc(3 * MEBIBYTE);
  image.write('vhdxfile');
  for (const header of [65_536, 131_072]) image.write('head', header);
  image.writeBigUInt64LE(1n, 65_544);
  image.write('regi', 196_608);
  image.writeUInt32LE(lies.regions ?? 2, 196_616);
  if (!lies.noMetadata) fillVhdx(image, lies.hasParent === true);
  lies.change?.(image);
  for (const [at, length] of [
    [65_536, 4_096],
    [131_072, 4_096],
    [196_608, 65_536],
  ] as const)
    image.writeUInt32LE(castagnoli(image.subarray(at, at + length)), at + 4);
  lies.damage?.(image);
  return image;
}

function fillVhdx(image: Buffer, hasParent: boolean): void {
  const regions = [
    ['06a27c8b90479a4bb8fe575f050f886e', MEBIBYTE],
    ['6677c22d23f600429d64115e9bfd4a08', 2 * MEBIBYTE],
  ] as const;
  for (const [index, [id, at]] of regions.entries()) {
    image.write(id, 196_624 + index * 32, 'hex');
    image.writeBigUInt64LE(BigInt(at), 196_640 + index * 32);
    image.writeUInt32LE(MEBIBYTE, 196_648 + index * 32);
    image.writeUInt32LE(1, 196_652 + index * 32);
  }
  image.write('metadata', MEBIBYTE);
  image.writeUInt16LE(3, MEBIBYTE + 10);
  const item = (index: number, id: string, offset: number, length: number): void => {
    const at = MEBIBYTE + 32 + index * 32;
    image.write(id, at, 'hex');
    image.writeUInt32LE(offset, at + 16);
    image.writeUInt32LE(length, at + 20);
    image.writeUInt32LE(4, at + 24);
  };
  item(0, '3767a1ca36fa434db3b633f0aa44e76b', 65_536, 8);
  item(1, '2442a52f1bcd7648b2115dbed83bf4b8', 65_544, 8);
  item(2, '1dbf41816fa90947ba47f233a8faab5f', 65_552, 4);
  image.writeUInt32LE(MEBIBYTE, MEBIBYTE + 65_536);
  image.writeUInt32LE(hasParent ? 2 : 0, MEBIBYTE + 65_540);
  image.writeBigUInt64LE(BigInt(MEBIBYTE), MEBIBYTE + 65_544);
  image.writeUInt32LE(512, MEBIBYTE + 65_552);
}

/** CRC-32C of a structure that keeps it in the four bytes at 4. */
function castagnoli(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const [index, byte] of bytes.entries()) {
    crc ^= index >= 4 && index < 8 ? 0 : byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
