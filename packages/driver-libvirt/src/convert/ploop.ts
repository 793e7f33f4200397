import { attribute, child, children, toXml, tree, type Element } from './xml.js';

/*
 * Volumes in Parallels' format are folders to libvirt, which it calls ploop: the image, and a descriptor beside it. An
 * image without a folder it takes for one, and can neither measure nor delete.
 */

export const IMAGE_FILE = 'root.hds';
export const DESCRIPTOR_FILE = 'DiskDescriptor.xml';

/** libvirt's name of the format, in which machines have such disks. */
export const PLOOP = 'ploop';

/** Name of a volume's folder. */
export const folderName = (name: string): string => `${name}.ploop`;

/** True for the file name of such a volume; names of volumes have no `+`. */
export const isFolder = (fileName: string): boolean => /^[^+]+\.ploop$/.test(fileName);

/** File as large as the disk in a folder is, and empty: libvirt measures none. It is made last: without it the folder is unfinished. */
export const sizeNoteName = (fileName: string): string => `vd-size+${fileName}`;

export const isSizeNote = (fileName: string): boolean => fileName.startsWith('vd-size+');

const POOL_PREFIX = 'vd-folder+';

/** Name of the pool through which files come into a folder, while they do. */
export const folderPoolName = (pool: string, fileName: string): string => `${POOL_PREFIX}${pool}+${fileName}`;

export const isFolderPool = (name: string): boolean => name.startsWith(POOL_PREFIX);

/** The folder. Whoever QEMU runs as gets through it, to an image that libvirt makes that account's own. */
export const folderXml = (fileName: string): string =>
  toXml(
    tree(
      'volume',
      { type: 'dir' },
      tree('name', {}, fileName),
      tree('capacity', {}, 0),
      tree('target', {}, tree('format', { type: 'dir' }), tree('permissions', {}, tree('mode', {}, '0711'))),
    ),
  );

export const folderPoolXml = (name: string, path: string): string =>
  toXml(tree('pool', { type: 'dir' }, tree('name', {}, name), tree('target', {}, tree('path', {}, path))));

const SECTOR = 512n;
const CLUSTER_SECTORS = 2048n;
const CLUSTER = CLUSTER_SECTORS * SECTOR;
const HEAD_BYTES = 64n;
const HEADS = 16n;
const SECTORS_PER_TRACK = 32n;

/** How an image of so many bytes is laid out: header, table of clusters, clusters. */
export interface PloopLayout {
  readonly sizeBytes: bigint;
  readonly clusters: bigint;
  /** Where the first cluster is; the file ends there as long as none has been written. */
  readonly dataBytes: bigint;
}

export function layoutOf(sizeBytes: bigint): PloopLayout {
  const clusters = (sizeBytes + CLUSTER - 1n) / CLUSTER;
  const table = HEAD_BYTES + 4n * clusters;
  return { sizeBytes, clusters, dataBytes: ((table + CLUSTER - 1n) / CLUSTER) * CLUSTER };
}

/** The first 64 bytes. docs/interop/parallels.txt of QEMU names the fields. */
export function header({ sizeBytes, clusters, dataBytes }: PloopLayout): Buffer {
  const head = Buffer.alloc(Number(HEAD_BYTES));
  const sectors = sizeBytes / SECTOR;
  head.write('WithouFreSpacExt', 'latin1');
  head.writeUInt32LE(2, 16);
  head.writeUInt32LE(Number(HEADS), 20);
  head.writeUInt32LE(Number(BigInt.asUintN(32, sectors / HEADS / SECTORS_PER_TRACK)), 24);
  head.writeUInt32LE(Number(CLUSTER_SECTORS), 28);
  head.writeUInt32LE(Number(clusters), 32);
  head.writeBigUInt64LE(sectors, 36);
  head.writeUInt32LE(Number(dataBytes / SECTOR), 48);
  return head;
}

/** What Virtuozzo's tools read beside the image. Sizes are sectors. */
export const descriptorXml = ({ sizeBytes }: PloopLayout): string => {
  const sectors = sizeBytes / SECTOR;
  return toXml(
    tree(
      'Parallels_disk_image',
      { Version: '1.0' },
      tree(
        'Disk_Parameters',
        {},
        tree('Disk_size', {}, sectors),
        tree('Cylinders', {}, sectors / HEADS / SECTORS_PER_TRACK),
        tree('Heads', {}, HEADS),
        tree('Sectors', {}, SECTORS_PER_TRACK),
        tree('Padding', {}, 0),
      ),
      tree(
        'StorageData',
        {},
        tree(
          'Storage',
          {},
          tree('Start', {}, 0),
          tree('End', {}, sectors),
          tree('Blocksize', {}, CLUSTER_SECTORS),
          tree('Image', {}, tree('GUID', {}, ONLY), tree('Type', {}, 'Compressed'), tree('File', {}, IMAGE_FILE)),
        ),
      ),
      tree('Snapshots', {}, tree('Shot', {}, tree('GUID', {}, ONLY), tree('ParentGUID', {}, NOBODY))),
    ),
  );
};

/** The image that has no snapshots, by the name that Virtuozzo's tools have for it. */
const ONLY = '{5fbaabe3-6958-40ff-92a7-860e329aab41}';
const NOBODY = '{00000000-0000-0000-0000-000000000000}';

/** Disks of a machine in this format, by libvirt's names of their places. */
export const ploopDisks = (document: Element): readonly string[] =>
  children(child(document, 'devices'), 'disk')
    .filter((disk) => attribute(disk, 'type', 'driver') === PLOOP)
    .map((disk) => attribute(disk, 'dev', 'target') ?? '');
