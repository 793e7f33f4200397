/** Reads bytes of a disc; `offset` and `length` in bytes. */
export type ReadDisc = (offset: number, length: number) => Uint8Array;

/** A file or directory of an ISO 9660 volume. */
export interface DiscEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly offset: number;
  readonly size: number;
}

const SECTOR = 2_048;
const FIRST_DESCRIPTOR = 16;
const PRIMARY = 1;
const TERMINATOR = 255;

/** The root directory and the name of the volume; undefined when this is no ISO 9660 disc (ECMA-119, 8.4). */
export function readDisc(read: ReadDisc): { readonly label: string; readonly root: DiscEntry } | undefined {
  for (let sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + 16; sector += 1) {
    const data = Buffer.from(read(sector * SECTOR, SECTOR));
    if (data.length < SECTOR || data.toString('latin1', 1, 6) !== 'CD001' || data[0] === TERMINATOR) return undefined;
    if (data[0] !== PRIMARY) continue;
    return { label: data.toString('latin1', 40, 72).trimEnd(), root: parseRecord(data.subarray(156, 190)) };
  }
  return undefined;
}

// Directory record: ECMA-119, 9.1.
function parseRecord(record: Buffer): DiscEntry {
  const nameLength = record[32] ?? 0;
  const plain = record
    .toString('latin1', 33, 33 + nameLength)
    .replace(/;\d+$/, '')
    .replace(/\.$/, '');
  return {
    name: rockRidgeName(record.subarray(33 + nameLength + (nameLength % 2 === 0 ? 1 : 0))) ?? plain.toLowerCase(),
    isDirectory: ((record[25] ?? 0) & 2) !== 0,
    offset: record.readUInt32LE(2) * SECTOR,
    size: record.readUInt32LE(10),
  };
}

// Entry "NM" of the Rock Ridge protocol: signature, length, version, flags, name. IEEE P1282, 4.1.4.
function rockRidgeName(systemUse: Buffer): string | undefined {
  for (let at = 0; at + 4 < systemUse.length; ) {
    const length = systemUse[at + 2] ?? 0;
    if (length < 4) return undefined;
    if (systemUse.toString('latin1', at, at + 2) === 'NM') return systemUse.toString('utf8', at + 5, at + length);
    at += length;
  }
  return undefined;
}

/** What is in a directory. */
export function listDirectory(read: ReadDisc, directory: DiscEntry): DiscEntry[] {
  const entries: DiscEntry[] = [];
  const data = Buffer.from(read(directory.offset, directory.size));
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0;
    if (length === 0) {
      // Records do not cross sectors: the rest of this one is empty.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    // The first two entries are the directory itself and its parent, with the names 0 and 1.
    const isReal = data[at + 32] !== 1 || (data[at + 33] ?? 0) > 1;
    if (isReal) entries.push(parseRecord(data.subarray(at, at + length)));
    at += length;
  }
  return entries;
}

/** Follows a path of names from the root; undefined where it ends too early. */
export function findEntry(read: ReadDisc, root: DiscEntry, path: readonly string[]): DiscEntry | undefined {
  return path.reduce<DiscEntry | undefined>(
    (at, name) => at && listDirectory(read, at).find((entry) => entry.name === name),
    root,
  );
}
