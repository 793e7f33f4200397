import { extension, qcow2 } from './qcow2-builder.js';
import {
  iso,
  luks,
  padded,
  parallels,
  qed,
  text,
  vdi,
  vhdDynamic,
  vhdFixed,
  vhdx,
  vmdkSparse,
  type VhdxLies,
} from './other-builders.js';

/** An image that must not get past the gate. */
export interface HostileImage {
  /** What somebody would claim it to be. */
  readonly declared: 'raw' | 'qcow2' | 'vmdk' | 'iso' | 'vhd' | 'vdi' | 'vhdx' | 'qed' | 'parallels';
  readonly code: 'IMAGE.UNSAFE' | 'IMAGE.CORRUPT' | 'IMAGE.FORMAT_MISMATCH' | 'IMAGE.TOO_LARGE';
  readonly content: () => Buffer;
}

const CANARY = '/srv/canary/passwd';
const BACKING_FORMAT = 0xe2792aca;
const DATA_FILE = 0x44415441;
const L2_TABLE = 3n * 65_536n;

const descriptor = (extent: string, rest = ''): string =>
  `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicSparse"\n${rest}\n${extent}\n`;
const ownExtent = 'RW 2048 SPARSE "disk.vmdk"';

const bad = (declared: HostileImage['declared'], code: HostileImage['code'], content: () => Buffer): HostileImage => ({
  declared,
  code,
  content,
});

const lyingVmdks = (lies: Readonly<Record<string, (image: Buffer) => unknown>>): Record<string, HostileImage> =>
  Object.fromEntries(
    Object.entries(lies).map(([name, lie]) => [
      name,
      bad('vmdk', 'IMAGE.CORRUPT', () => vmdkSparse(descriptor(ownExtent), 20n, (image) => void lie(image))),
    ]),
  );

const lying = (
  declared: HostileImage['declared'],
  images: Readonly<Record<string, () => Buffer>>,
): Record<string, HostileImage> =>
  Object.fromEntries(Object.entries(images).map(([name, content]) => [name, bad(declared, 'IMAGE.CORRUPT', content)]));

const lyingVhdx = (lies: Readonly<Record<string, VhdxLies>>): Record<string, HostileImage> =>
  lying('vhdx', Object.fromEntries(Object.entries(lies).map(([name, lie]) => [name, () => vhdx(lie)])));

/** Built anew by each test; nothing hostile lies on disk. */
export const HOSTILE_IMAGES: Readonly<Record<string, HostileImage>> = {
  'qcow2 with a backing file': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ backingFile: CANARY })),
  'qcow2 version 2 with a backing file': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ version: 2, backingFile: CANARY })),
  'qcow2 with a json: backing file': bad('qcow2', 'IMAGE.UNSAFE', () =>
    qcow2({ backingFile: `json:{"driver":"file","filename":"${CANARY}"}` }),
  ),
  'qcow2 with an nbd backing file': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ backingFile: 'nbd://192.0.2.1/x' })),
  'qcow2 with a backing file of no name': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ backingOffset: 1_024n })),
  'qcow2 with only a backing format': bad('qcow2', 'IMAGE.UNSAFE', () =>
    qcow2({ extensions: extension(BACKING_FORMAT, 'raw') }),
  ),
  'qcow2 with an external data file': bad('qcow2', 'IMAGE.UNSAFE', () =>
    qcow2({ incompatible: 4n, extensions: extension(DATA_FILE, CANARY) }),
  ),
  'qcow2 with a data file bit and no name': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ incompatible: 4n })),
  'qcow2 with a data file name and no bit': bad('qcow2', 'IMAGE.UNSAFE', () =>
    qcow2({ extensions: extension(DATA_FILE, CANARY) }),
  ),
  'qcow2 with a raw external data bit': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ autoclear: 2n })),
  'qcow2 with an unknown incompatible feature': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ incompatible: 1n << 40n })),
  'qcow2 that is encrypted': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ cryptMethod: 1 })),
  'qcow2 marked corrupt': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ incompatible: 2n })),
  'qcow2 with an unknown encryption': bad('qcow2', 'IMAGE.UNSAFE', () => qcow2({ cryptMethod: 9 })),
  'qcow2 of zero size': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ virtualSize: 0n })),
  'qcow2 of half a sector': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ virtualSize: 1_048_832n })),
  'qcow2 with a huge L1 table': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1Entries: 0x7fff_ffff })),
  'qcow2 with an L1 table behind the end': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1Offset: 1n << 40n })),
  'qcow2 with an L1 table out of line': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1Offset: 65_537n })),
  'qcow2 with an L1 table too small for its size': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ virtualSize: 1n << 40n }),
  ),
  'qcow2 whose offsets wrap around': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1Offset: 0xffff_ffff_ffff_0000n })),
  'qcow2 with an L2 table behind the end': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1: [1n << 40n] })),
  'qcow2 with data behind the end': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ l1: [L2_TABLE], l2: [1n << 40n] })),
  'qcow2 with compressed data behind the end': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ l1: [L2_TABLE], l2: [(1n << 62n) | (1n << 45n)] }),
  ),
  'qcow2 that names one L2 table again and again': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ l1Entries: 64, l1: Array.from({ length: 64 }, () => L2_TABLE) }),
  ),
  'qcow2 with huge reference counts': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ refcountClusters: 0xffff_ffff })),
  'qcow2 with reference counts of 128 bits': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ refcountOrder: 7 })),
  'qcow2 with clusters of 2 GiB': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ clusterBits: 31 })),
  'qcow2 with clusters of one byte': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ clusterBits: 0 })),
  'qcow2 with snapshots outside the file': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ snapshots: 3, snapshotsOffset: 1n << 50n }),
  ),
  'qcow2 with a million snapshots': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ snapshots: 1_000_000, snapshotsOffset: 65_536n }),
  ),
  'qcow2 with an extension beyond its header': bad('qcow2', 'IMAGE.CORRUPT', () =>
    qcow2({ extensions: extension(0x1234_5678, 'x', 0xffff_fff0) }),
  ),
  'qcow2 with an impossible header length': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ headerLength: 100 })),
  'qcow2 with a header of 4 GiB': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ headerLength: 0xffff_fff8 })),
  'qcow2 cut off in its header': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ length: 50 })),
  'qcow2 cut off in its tables': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ length: 70_000 })),
  'qcow2 of version 7': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ version: 7 })),
  'qcow version 1 declared as qcow2': bad('qcow2', 'IMAGE.FORMAT_MISMATCH', () => qcow2({ version: 1 })),
  'qcow2 that claims 7 EiB': bad('qcow2', 'IMAGE.CORRUPT', () => qcow2({ virtualSize: 0x7000_0000_0000_0000n })),
  'qcow2 larger than the limit': bad('qcow2', 'IMAGE.TOO_LARGE', () =>
    qcow2({ virtualSize: 1n << 42n, l1Entries: 8_192 }),
  ),
  'qcow2 that is an ISO too': bad('iso', 'IMAGE.UNSAFE', () =>
    Buffer.concat([qcow2().subarray(0, 32_768), iso().subarray(32_768)]),
  ),
  'qcow2 that is a VHD too': bad('qcow2', 'IMAGE.UNSAFE', () => Buffer.concat([qcow2(), vhdFixed(0)])),
  'raw that begins like qcow2': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => qcow2()),
  'raw that begins like qcow2 and goes on with nothing': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('QFI\xfb')),
  'raw that begins like VMDK': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('KDMV')),
  'raw that begins like an ESX extent': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('COWD')),
  'raw that is a VMDK descriptor': bad('raw', 'IMAGE.FORMAT_MISMATCH', () =>
    text(descriptor(`RW 1 FLAT "${CANARY}" 0`)),
  ),
  'raw that is a VMDK descriptor without its title': bad('raw', 'IMAGE.FORMAT_MISMATCH', () =>
    text(`\n# anything\n\nversion=1\ncreateType="monolithicFlat"\nRW 1 FLAT "${CANARY}" 0\n`),
  ),
  'raw that ends like a VHD': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => vhdFixed(1_048_576)),
  'raw that ends like an old VHD': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => vhdFixed(1_048_576).subarray(0, -1)),
  'raw that begins like a VHD': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('conectix')),
  'raw that begins like VHDX': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('vhdxfile')),
  // QEMU reads the zero that ends the signature from behind the end.
  'raw of the three letters QED': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => Buffer.from('QED')),
  'raw that begins like QED': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('QED\0')),
  'raw that begins like parallels': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('WithouFreSpacExt')),
  'raw that is a VDI': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => vdi()),
  'raw that is LUKS': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('LUKS\xba\xbe\0\x02')),
  'raw that is an ISO': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => iso()),
  'raw that ends like an Apple image': bad('raw', 'IMAGE.FORMAT_MISMATCH', () =>
    Buffer.concat([Buffer.alloc(65_536), padded('koly').subarray(0, 512)]),
  ),
  'raw that is a compressed loop': bad('raw', 'IMAGE.FORMAT_MISMATCH', () =>
    padded('#!/bin/sh\n#V2.0 Format\nmodprobe cloop'),
  ),
  'raw that begins like Bochs': bad('raw', 'IMAGE.FORMAT_MISMATCH', () => padded('Bochs Virtual HD Image')),
  'raw that is empty': bad('raw', 'IMAGE.CORRUPT', () => Buffer.alloc(0)),
  'qcow2 that is raw': bad('qcow2', 'IMAGE.FORMAT_MISMATCH', () => Buffer.alloc(4_096)),
  'vmdk descriptor with foreign extents': bad('vmdk', 'IMAGE.UNSAFE', () =>
    text(descriptor(`RW 1 FLAT "${CANARY}" 0`)),
  ),
  'vmdk with an embedded flat extent': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor(`RW 1 FLAT "${CANARY}" 0`)),
  ),
  'vmdk with two extents': bad('vmdk', 'IMAGE.UNSAFE', () => vmdkSparse(descriptor(`${ownExtent}\n${ownExtent}`))),
  'vmdk with a device map': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor('RW 1 VMFSRDM "disk"').replace('monolithicSparse', 'vmfsRawDeviceMap')),
  ),
  'vmdk with a parent': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor(ownExtent, `parentFileNameHint="${CANARY}"`)),
  ),
  'vmdk with a descriptor of 2 TiB': bad('vmdk', 'IMAGE.CORRUPT', () =>
    vmdkSparse(descriptor(ownExtent), 0xffff_ffffn),
  ),
  'vmdk with two create types': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor(ownExtent, '# createType="monolithicFlat"')),
  ),
  'vmdk with another size in its descriptor': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor('RW 4096 SPARSE "disk.vmdk"')),
  ),
  'vmdk with a parent by content id': bad('vmdk', 'IMAGE.UNSAFE', () =>
    vmdkSparse(descriptor(ownExtent).replace('parentCID=ffffffff', 'parentCID=12345678')),
  ),
  ...lyingVmdks({
    'vmdk of version 7': (image) => image.writeUInt32LE(7, 4),
    'vmdk damaged by a text transfer': (image) => image.write('\n \n\n', 73),
    'vmdk with grains of three sectors': (image) => image.writeBigUInt64LE(3n, 20),
    'vmdk with grains of 1 PiB': (image) => image.writeBigUInt64LE(1n << 41n, 20),
    'vmdk with tables of 2^32 entries': (image) => image.writeUInt32LE(0xffff_ffff, 44),
    'vmdk with its directory behind the end': (image) => image.writeBigUInt64LE(1n << 40n, 56),
    'vmdk with its directory at the end and no footer': (image) => image.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 56),
    'vmdk with a table behind the end': (image) => image.writeUInt32LE(0x7fff_ffff, 22 * 512),
    'vmdk with a grain behind the end': (image) => image.writeUInt32LE(0x7fff_ffff, 27 * 512),
    'vmdk with a grain behind its disk': (image) => image.writeUInt32LE(100, 27 * 512 + 4 * 16),
    'vmdk that names one grain again and again': (image) => {
      for (let entry = 0; entry < 16; entry += 1) image.writeUInt32LE(100, 27 * 512 + entry * 4);
    },
    'vmdk whose tables differ': (image) => image.writeUInt32LE(100, 23 * 512),
    'vmdk with a second directory behind the end': (image) => image.writeBigUInt64LE(1n << 40n, 48),
    'vmdk with unknown compression': (image) => image.writeUInt16LE(9, 77),
    'vmdk with compressed grains that are none': (image) => {
      image.writeUInt32LE(0x30001, 8);
      image.writeUInt16LE(1, 77);
      image.writeUInt32LE(100, 27 * 512);
    },
  }),
  'vhd that continues another': bad('vhd', 'IMAGE.UNSAFE', () => vhdFixed(1_048_576, 4)),
  'vhd with a wrong checksum': bad('vhd', 'IMAGE.CORRUPT', () => vhdFixed(1_048_576, 2, 1)),
  'vhdx that continues another': bad('vhdx', 'IMAGE.UNSAFE', () => vhdx({ hasParent: true })),
  'vhdx without metadata': bad('vhdx', 'IMAGE.CORRUPT', () => padded('vhdxfile')),
  'vhdx with a million regions': bad('vhdx', 'IMAGE.CORRUPT', () => vhdx({ regions: 0xffff_ffff, noMetadata: true })),
  'vdi that continues another': bad('vdi', 'IMAGE.UNSAFE', () => vdi(4)),
  'qed with a backing file': bad('qed', 'IMAGE.UNSAFE', () => qed(CANARY)),
  'iso cut off': bad('iso', 'IMAGE.CORRUPT', () => iso(1_000)),
  ...lying('vhd', {
    'vhd shorter than its footer says': () => vhdFixed(1_048_576).subarray(512),
    'vhd without its second header': () => vhdDynamic((header) => header.write('cxsparsX')),
    'vhd with a wrong second checksum': () => vhdDynamic((header) => header.writeUInt32BE(1, 28), false),
    'vhd with blocks of three bytes': () => vhdDynamic((header) => header.writeUInt32BE(3, 32)),
    'vhd with a table too short': () => vhdDynamic((header) => header.writeUInt32BE(0, 28)),
    'vhd with a table of 2^32 entries': () => vhdDynamic((header) => header.writeUInt32BE(0xffff_ffff, 28)),
    'vhd with a table behind the end': () => vhdDynamic((header) => header.writeBigUInt64BE(1n << 40n, 16)),
    'vhd with a block behind the end': () => vhdDynamic((_header, table) => table.writeUInt32BE(0x7fff_ffff)),
  }),
  'vhd with a parent locator': bad('vhd', 'IMAGE.UNSAFE', () => vhdDynamic((header) => header.write('W2ku', 576))),
  'vhd with a parent id': bad('vhd', 'IMAGE.UNSAFE', () => vhdDynamic((header) => header.write('parent', 40))),
  ...lying('vdi', {
    'vdi with blocks of three bytes': () => vdi(1, (image) => image.writeUInt32LE(3, 0x178)),
    'vdi with a map too short': () => vdi(1, (image) => image.writeUInt32LE(0, 0x180)),
    'vdi with a map of 2^32 entries': () => vdi(1, (image) => image.writeUInt32LE(0xffff_ffff, 0x180)),
    'vdi with a map behind the end': () => vdi(1, (image) => image.writeUInt32LE(0x7fff_ffff, 0x154)),
    'vdi with more blocks than its disk': () => vdi(1, (image) => image.writeUInt32LE(9, 0x184)),
    'vdi with a block behind the end': () => vdi(1, (image) => image.writeUInt32LE(5, 1_024)),
  }),
  'vdi that names a parent': bad('vdi', 'IMAGE.UNSAFE', () => vdi(1, (image) => image.writeUInt32LE(1, 0x1b8))),
  ...lying('qed', {
    'qed that was not closed': () => qed('', (image) => image.writeBigUInt64LE(2n, 16)),
    'qed with clusters of 2 GiB': () => qed('', (image) => image.writeUInt32LE(0x8000_0000, 4)),
    'qed with tables of 2^31 clusters': () => qed('', (image) => image.writeUInt32LE(0x8000_0000, 8)),
    'qed larger than its tables': () => qed('', (image) => image.writeBigUInt64LE(1n << 60n, 48)),
    'qed with its first table behind the end': () => qed('', (image) => image.writeBigUInt64LE(1n << 40n, 40)),
    'qed with a table behind the end': () => qed('', (image) => image.writeBigUInt64LE(1n << 40n, 4_096)),
    'qed with data behind the end': () =>
      qed('', (image) => {
        image.writeBigUInt64LE(8_192n, 4_096);
        image.writeBigUInt64LE(1n << 40n, 8_192);
      }),
    'qed that names one table again and again': () =>
      qed('', (image) => {
        for (let at = 4_096; at < 8_192; at += 8) image.writeBigUInt64LE(8_192n, at);
      }),
  }),
  'qed with an unknown feature': bad('qed', 'IMAGE.UNSAFE', () => qed('', (image) => image.writeBigUInt64LE(64n, 16))),
  ...lying('parallels', {
    'parallels of version 1': () => parallels((image) => image.writeUInt32LE(1, 16)),
    'parallels with blocks of no length': () => parallels((image) => image.writeUInt32LE(0, 28)),
    'parallels with a table of 2^32 entries': () => parallels((image) => image.writeUInt32LE(0xffff_ffff, 32)),
    'parallels with a table too short': () => parallels((image) => image.writeUInt32LE(0, 32)),
    'parallels with a block behind the end': () => parallels((image) => image.writeUInt32LE(0x7fff_ffff, 64)),
  }),
  ...lyingVhdx({
    'vhdx with a log to replay': { change: (image) => image.write('log', 65_584) },
    'vhdx with two damaged headers': {
      damage: (image) => {
        for (const at of [65_536, 131_072]) image.writeUInt32LE(1, at + 4);
      },
    },
    'vhdx with a damaged region table': { damage: (image) => image.writeUInt32LE(1, 196_612) },
    'vhdx with a region behind the end': { change: (image) => image.writeBigUInt64LE(1n << 40n, 196_640) },
    'vhdx with a region out of line': { change: (image) => image.writeBigUInt64LE(1_048_577n, 196_640) },
    'vhdx with regions on each other': { change: (image) => image.writeBigUInt64LE(2_097_152n, 196_640) },
    'vhdx with a million items': { change: (image) => image.writeUInt16LE(0xffff, 1_048_586) },
    'vhdx with an item outside its region': { change: (image) => image.writeUInt32LE(0xffff_fff0, 1_048_624) },
    'vhdx with blocks of three bytes': { change: (image) => image.writeUInt32LE(3, 1_114_112) },
    'vhdx with sectors of one byte': { change: (image) => image.writeUInt32LE(1, 1_114_128) },
    'vhdx larger than its block table': { change: (image) => image.writeBigUInt64LE(1n << 50n, 1_114_120) },
    'vhdx with a block behind the end': { change: (image) => image.writeBigUInt64LE(6n | (1n << 40n), 2_097_152) },
  }),
  'vhdx with a region of unknown kind': bad('vhdx', 'IMAGE.UNSAFE', () =>
    vhdx({ change: (image) => image.write('unknown', 196_656) }),
  ),
  'vhdx with a parent locator': bad('vhdx', 'IMAGE.UNSAFE', () =>
    vhdx({ change: (image) => image.write('2d5fd3a80bb34d45abf7d3d84834ab0c', 1_048_608, 'hex') }),
  ),
  'LUKS with a detached header': bad('raw', 'IMAGE.FORMAT_MISMATCH', () =>
    luks((image) => image.writeUInt32BE(0, 104)),
  ),
};
