import { both16, both32, SECTOR, shortDate } from './fields.js';
import type { DirectoryNode, TreeNode } from './tree.js';
import type { View } from './view.js';

/** Where something lies on the disc. */
export interface Extent {
  readonly sector: number;
  readonly length: number;
}

/** Tells where a node lies. */
export type Locate = (node: TreeNode) => Extent;

const DIRECTORY_FLAG = 2;

/** One directory record (ECMA-119 9.1). */
export function directoryRecord(
  identifier: Buffer,
  isDirectory: boolean,
  extent: Extent,
  at: Date,
  systemUse: Buffer = Buffer.alloc(0),
): Buffer {
  const nameEnd = 33 + identifier.length + (identifier.length % 2 === 0 ? 1 : 0);
  const length = nameEnd + systemUse.length + (systemUse.length % 2);
  const record = Buffer.alloc(length);
  record.writeUInt8(length, 0);
  both32(record, extent.sector, 2);
  both32(record, extent.length, 10);
  shortDate(at).copy(record, 18);
  record.writeUInt8(isDirectory ? DIRECTORY_FLAG : 0, 25);
  both16(record, 1, 28);
  record.writeUInt8(identifier.length, 32);
  identifier.copy(record, 33);
  systemUse.copy(record, nameEnd);
  return record;
}

/** The content of a directory: itself, its parent, its children in the order of their identifiers; whole sectors. */
export function directoryContent(directory: DirectoryNode, view: View, locate: Locate, at: Date): Buffer {
  const parent = directory.parent ?? directory;
  const children = [...directory.children].sort((a, b) => Buffer.compare(view.identifier(a), view.identifier(b)));
  return inSectors([
    directoryRecord(Buffer.from([0]), true, locate(directory), at, view.systemUse(directory, 'self')),
    directoryRecord(Buffer.from([1]), true, locate(parent), at, view.systemUse(parent, 'parent')),
    ...children.map((child) =>
      directoryRecord(
        view.identifier(child),
        child.kind === 'directory',
        locate(child),
        at,
        view.systemUse(child, 'child'),
      ),
    ),
  ]);
}

/** No record crosses the end of a sector (ECMA-119 6.8.1.1). */
function inSectors(records: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (const record of records) {
    const left = SECTOR - (length % SECTOR);
    const gap = record.length > left ? left : 0;
    pieces.push(Buffer.alloc(gap), record);
    length += gap + record.length;
  }
  return Buffer.concat(pieces, Math.ceil(length / SECTOR) * SECTOR);
}
