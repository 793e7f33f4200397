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

/** A VirtualBox image of 1 MiB without data. */
export function vdi(type = 1): Buffer {
  const image = Buffer.alloc(4_096);
  image.writeUInt32LE(0xbeda107f, 0x40);
  image.writeUInt32LE(type, 0x4c);
  image.writeUInt32LE(512, 0x168);
  image.writeBigUInt64LE(1_048_576n, 0x170);
  return image;
}

/** A QED image of 1 MiB with a backing file. */
export function qed(backingFile: string): Buffer {
  const image = padded('QED\0');
  image.writeBigUInt64LE(1n, 16);
  image.writeBigUInt64LE(1_048_576n, 48);
  image.writeUInt32LE(512, 56);
  image.writeUInt32LE(backingFile.length, 60);
  image.write(backingFile, 512);
  return image;
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

/** A VHDX of 1 MiB with just enough tables to be measured. */
export function vhdx(lies: {
  readonly hasParent?: boolean;
  readonly regions?: number;
  readonly noMetadata?: boolean;
}): Buffer {
  const image = Buffer.alloc(1_048_576);
  image.write('vhdxfile');
  image.write('regi', 196_608);
  image.writeUInt32LE(lies.regions ?? 1, 196_616);
  if (lies.noMetadata) return image;
  image.write('06a27c8b90479a4bb8fe575f050f886e', 196_624, 'hex');
  image.writeBigUInt64LE(524_288n, 196_640);
  image.write('metadata', 524_288);
  image.writeUInt16LE(2, 524_298);
  image.write('3767a1ca36fa434db3b633f0aa44e76b', 524_320, 'hex');
  image.writeUInt32LE(65_536, 524_336);
  image.write('2442a52f1bcd7648b2115dbed83bf4b8', 524_352, 'hex');
  image.writeUInt32LE(65_544, 524_368);
  image.writeUInt32LE(lies.hasParent ? 2 : 0, 524_288 + 65_540);
  image.writeBigUInt64LE(1_048_576n, 524_288 + 65_544);
  return image;
}
