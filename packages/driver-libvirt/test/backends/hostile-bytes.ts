const CLUSTER = 65_536;

/**
 * What a guest may write to a disk to read the host's files: a qcow2 image whose backing file is one of them. It is
 * complete, so that a tool that takes it for an image can work with it. docs/interop/qcow2 of QEMU.
 */
export function hostileBytes(): Buffer {
  const image = Buffer.alloc(16 * CLUSTER);
  image.write('QFI\u00fb', 0, 'latin1');
  image.writeUInt32BE(2, 4);
  image.writeBigUInt64BE(72n, 8);
  image.writeUInt32BE(13, 16);
  image.writeUInt32BE(16, 20);
  image.writeBigUInt64BE(BigInt(64 * CLUSTER), 24);
  // One L1 entry, which is empty: everything is read from the backing file.
  image.writeUInt32BE(1, 36);
  image.writeBigUInt64BE(BigInt(3 * CLUSTER), 40);
  image.writeBigUInt64BE(BigInt(CLUSTER), 48);
  image.writeUInt32BE(1, 56);
  image.write('/etc/hostname', 72, 'latin1');
  image.writeBigUInt64BE(BigInt(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < 4; cluster += 1) image.writeUInt16BE(1, 2 * CLUSTER + 2 * cluster);
  return image;
}
