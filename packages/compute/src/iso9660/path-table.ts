import type { Locate } from './directory-record.js';
import type { DirectoryNode } from './tree.js';
import type { View } from './view.js';

/** Both forms of a path table (ECMA-119 9.4): all directories, parents first, numbers in either byte order. */
export function pathTables(
  directories: readonly DirectoryNode[],
  view: View,
  locate: Locate,
): { little: Buffer; big: Buffer } {
  const numbers = new Map(directories.map((directory, index) => [directory, index + 1]));
  const rows = directories.map((directory) => ({
    identifier: directory.parent ? view.identifier(directory) : Buffer.from([0]),
    sector: locate(directory).sector,
    parent: numbers.get(directory.parent ?? directory) ?? 1,
  }));
  const table = (littleEndian: boolean): Buffer => Buffer.concat(rows.map((row) => pathRecord(row, littleEndian)));
  return { little: table(true), big: table(false) };
}

function pathRecord(row: { identifier: Buffer; sector: number; parent: number }, littleEndian: boolean): Buffer {
  const record = Buffer.alloc(8 + row.identifier.length + (row.identifier.length % 2));
  record.writeUInt8(row.identifier.length, 0);
  if (littleEndian) {
    record.writeUInt32LE(row.sector, 2);
    record.writeUInt16LE(row.parent, 6);
  } else {
    record.writeUInt32BE(row.sector, 2);
    record.writeUInt16BE(row.parent, 6);
  }
  row.identifier.copy(record, 8);
  return record;
}
