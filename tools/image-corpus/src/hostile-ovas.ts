import { createHash } from 'node:crypto';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { collect, inPieces } from './collect.js';
import { qcow2 } from './qcow2-builder.js';
import { vmdkSparse } from './other-builders.js';
import { ovf, type OvfLies } from './ovf-builder.js';
import { record, tar, type TarEntry } from './tar-builder.js';

/** A sound stream-optimised disk of 1 MiB. */
const DISK = await collect(
  writeStreamOptimised(inPieces(Buffer.alloc(1_048_576, 'content ')), { sizeBytes: 1_048_576n }),
);

/** A sound stream-optimised disk of 1 MiB. */
export const soundDisk = (): Buffer => Buffer.from(DISK);

const sha = (algorithm: string, content: Buffer): string => createHash(algorithm).update(content).digest('hex');
const named = (lies: OvfLies = {}): TarEntry => ({ name: 'web.ovf', content: Buffer.from(ovf(lies)) });
const disk = (content = DISK, name = 'disk0.vmdk'): TarEntry => ({ name, content });

/** A manifest that is right for these members. */
export const manifest = (members: readonly TarEntry[], algorithm = 'sha256', name = 'web.mf'): TarEntry => ({
  name,
  content: Buffer.from(
    members
      .map(
        ({ name: file, content = Buffer.alloc(0) }) =>
          `${algorithm.toUpperCase()}(${file})= ${sha(algorithm, content)}\n`,
      )
      .join(''),
  ),
});

/** A sound package: what every hostile one starts from. */
export const soundOva = (lies: OvfLies = {}, ...contents: readonly Buffer[]): Buffer => {
  const disks = (contents.length > 0 ? contents : [DISK]).map((content, index) => disk(content, `disk${index}.vmdk`));
  const members = [named(lies), ...disks];
  return tar([...members, manifest(members)]);
};

const BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>';
const FOREIGN = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///srv/canary">]>';
const CHAIN = 'version=1\nCID=fffffffe\nparentCID=12345678\ncreateType="streamOptimized"\nRW 2048 SPARSE "x"\n';
const FLAT = 'version=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "/srv/canary" 0\n';

type Hostile = readonly [kind: 'unsafe' | 'corrupt' | 'unsupported', content: () => Buffer];
const extra = (entry: TarEntry): Buffer => tar([named(), disk(), entry]);
const pax = (content: Buffer, type = 'x'): Buffer => tar([named(), { name: 'pax', type, content }, disk()]);
const lying = (lies: OvfLies): Buffer => tar([named(lies), disk()]);

/** Built anew by each test; nothing hostile lies on disk. */
export const HOSTILE_OVAS: Readonly<Record<string, Hostile>> = {
  'a path above': ['unsafe', () => extra({ name: '../../etc/cron.d/x' })],
  'an absolute path': ['unsafe', () => extra({ name: '/etc/passwd' })],
  'a Windows path': ['unsafe', () => extra({ name: 'c:\\windows\\x' })],
  'a path in folders': ['unsafe', () => extra({ name: 'a/b' })],
  'a path in an extended header': ['unsafe', () => pax(record('path', '../../etc/passwd'))],
  'a symbolic link': ['unsafe', () => tar([named(), { name: 'disk0.vmdk', type: '2', linkName: '/etc/passwd' }])],
  'a link': ['unsafe', () => tar([named(), { name: 'disk0.vmdk', type: '1', linkName: '/etc/passwd' }])],
  'a character device': ['unsafe', () => extra({ name: 'zero', type: '3' })],
  'a block device': ['unsafe', () => extra({ name: 'sda', type: '4' })],
  'a pipe': ['unsafe', () => extra({ name: 'pipe', type: '6' })],
  'a folder': ['unsafe', () => extra({ name: 'folder', type: '5' })],
  'a sparse file of GNU tar': ['unsafe', () => extra({ name: 'sparse', type: 'S' })],
  'a sparse file of pax': ['unsafe', () => pax(record('GNU.sparse.realsize', '1099511627776'))],
  'a long name of GNU tar': ['unsafe', () => extra({ name: '././@LongLink', type: 'L', content: Buffer.from('x') })],
  'a header for all that follow': ['unsafe', () => pax(record('path', 'x'), 'g')],
  'a linked extended header': ['unsafe', () => pax(record('linkpath', '/etc/passwd'))],
  'two extended headers in a row': [
    'unsafe',
    () => tar([named(), ...[1, 2].map(() => ({ name: 'p', type: 'x', content: record('mtime', '1') })), disk()]),
  ],
  'an extended header of 1 MiB': ['unsafe', () => pax(record('comment', 'x'.repeat(1_048_576)))],
  'a member of unknown type': ['unsafe', () => extra({ name: 'x', type: 'Q' })],
  'a control character in a name': ['unsafe', () => extra({ name: 'a\x1b[31mb' })],
  'a name twice': ['unsafe', () => tar([named(), disk(), disk()])],
  'a name twice, in other letters': ['unsafe', () => tar([named(), disk(), disk(DISK, 'DISK0.vmdk')])],
  'ten thousand members': [
    'unsafe',
    () => tar([named(), disk(), ...Array.from({ length: 10_000 }, (_, index) => ({ name: `f${index}` }))]),
  ],
  'a file that nothing names': ['unsafe', () => extra({ name: 'payload.sh', content: Buffer.from('#!/bin/sh') })],
  'the descriptor not first': ['unsafe', () => tar([disk(), named()])],
  'two descriptors': ['unsafe', () => tar([named(), disk(), { ...named(), name: 'other.ovf' }])],
  'two manifests': [
    'unsafe',
    () => tar([named(), disk(), manifest([named(), disk()]), manifest([], 'sha256', 'b.mf')]),
  ],
  'a manifest that leaves a file out': ['unsafe', () => tar([named(), disk(), manifest([named()])])],
  'a manifest that names a file twice': ['unsafe', () => tar([named(), disk(), manifest([named(), disk(), disk()])])],
  'entities that grow': ['unsafe', () => lying({ prolog: BOMB })],
  'an entity from a file': ['unsafe', () => lying({ prolog: FOREIGN })],
  'elements without end': ['unsafe', () => lying({ references: '<a>'.repeat(100) + '</a>'.repeat(100) })],
  'a million elements': ['unsafe', () => lying({ references: '<a/>'.repeat(60_000) })],
  'a reference by path': ['unsafe', () => lying({ disks: [{ href: '../disk0.vmdk' }] })],
  'a reference by address': ['unsafe', () => lying({ disks: [{ href: 'http://192.0.2.1/disk.vmdk' }] })],
  'a reference with an escaped path': ['unsafe', () => lying({ disks: [{ href: '..%2fdisk0.vmdk' }] })],
  'a disk with a parent inside': ['unsafe', () => soundOva({}, vmdkSparse(CHAIN))],
  'a disk with a foreign extent inside': ['unsafe', () => soundOva({}, vmdkSparse(FLAT))],
  'a disk of another format than said': ['unsafe', () => soundOva({}, qcow2())],
  'a qcow2 disk with a backing file': [
    'unsafe',
    () => soundOva({ disks: [{ format: 'qcow2' }] }, qcow2({ backingFile: '/srv/canary' })),
  ],
  'a wrong SHA-256': ['corrupt', () => tar([named(), disk(), manifest([named(), disk(DISK.subarray(1))])])],
  'a wrong SHA-1': ['corrupt', () => tar([named(), disk(), manifest([named({ systems: 2 }), disk()], 'sha1')])],
  'a wrong SHA-512': ['corrupt', () => tar([named(), disk(), manifest([named(), disk(Buffer.alloc(9))], 'sha512')])],
  'a manifest of something else': [
    'corrupt',
    () => tar([named(), disk(), { name: 'web.mf', content: Buffer.from('hello') }]),
  ],
  'a manifest with MD5': [
    'corrupt',
    () => tar([named(), disk(), { name: 'web.mf', content: Buffer.from(`MD5(web.ovf)= ${'0'.repeat(32)}`) }]),
  ],
  'a manifest of another package': [
    'corrupt',
    () => tar([named(), disk(), manifest([named(), disk()], 'sha256', 'other.mf')]),
  ],
  'a manifest that names what is not there': [
    'corrupt',
    () => tar([named(), disk(), manifest([named(), disk(), disk(DISK, 'x')])]),
  ],
  'a signature without a manifest': ['corrupt', () => extra({ name: 'web.cert' })],
  'a disk that is missing': ['corrupt', () => tar([named()])],
  'a file size that lies': ['corrupt', () => lying({ disks: [{ size: '17' }] })],
  'a capacity smaller than the disk': ['corrupt', () => lying({ disks: [{ capacity: '1', units: 'byte * 2^10' }] })],
  'a capacity larger than the disk': ['corrupt', () => lying({ disks: [{ capacity: '64' }] })],
  'a capacity of 2^80 bytes': ['corrupt', () => lying({ disks: [{ capacity: '1', units: 'byte * 2^80' }] })],
  'more used than there is': ['corrupt', () => lying({ disks: [{ populated: '2000000' }] })],
  'a negative capacity': ['corrupt', () => lying({ disks: [{ capacity: '-1' }] })],
  'a disk in a file that is not named': ['corrupt', () => lying({ disks: [{ fileRef: 'nothing' }] })],
  'a drive with an unknown disk': ['corrupt', () => lying({ disks: [{ resource: 'ovf:/disk/nothing' }] })],
  'two disks in one place': ['corrupt', () => lying({ disks: [{ place: '0' }, { place: '0' }] })],
  'two disks in one file': ['corrupt', () => lying({ disks: [{}, { fileRef: 'file0' }] })],
  'XML that is none': ['corrupt', () => tar([{ name: 'web.ovf', content: Buffer.from('<Envelope') }, disk()])],
  'text that is not UTF-8': [
    'corrupt',
    () => tar([{ name: 'web.ovf', content: Buffer.from([0x3c, 0xff, 0xfe]) }, disk()]),
  ],
  'another document': ['corrupt', () => tar([{ name: 'web.ovf', content: Buffer.from('<html/>') }, disk()])],
  'no descriptor': ['corrupt', () => tar([disk()])],
  'a disk that is cut off inside': ['corrupt', () => soundOva({}, DISK.subarray(0, -2_048))],
  'a size behind the end': ['corrupt', () => tar([named(), { name: 'disk0.vmdk', size: 1n << 40n }])],
  'a size of 2^87 bytes': ['corrupt', () => tar([named(), { name: 'disk0.vmdk', size: 1n << 86n }])],
  'a wrong header checksum': ['corrupt', () => tar([{ ...named(), checksum: 1 }])],
  'an unknown kind of tar': ['corrupt', () => tar([{ ...named(), magic: 'xstar\x0000' }])],
  'an archive without an end': ['corrupt', () => tar([named(), disk()], Buffer.alloc(0))],
  'an empty file': ['corrupt', () => Buffer.alloc(0)],
  'an empty archive': ['corrupt', () => Buffer.alloc(1_024)],
  'two machines': ['unsupported', () => lying({ systems: 2 })],
  'a file in chunks': ['unsupported', () => lying({ disks: [{ fileExtra: 'ovf:chunkSize="1024"' }] })],
  'a compressed file': ['unsupported', () => lying({ disks: [{ fileExtra: 'ovf:compression="gzip"' }] })],
  'a disk that continues another': ['unsupported', () => lying({ disks: [{ diskExtra: 'ovf:parentRef="vmdisk1"' }] })],
  'a size in an unknown unit': ['unsupported', () => lying({ disks: [{ units: 'furlongs' }] })],
  'a drive of the host': ['unsupported', () => lying({ disks: [{ resource: '/dev/sda' }] })],
};
