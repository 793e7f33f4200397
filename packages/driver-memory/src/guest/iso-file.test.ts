import { findEntry, listDirectory, readDisc, type ReadDisc } from './iso-file.js';

const SECTOR = 2_048;

/** One directory record; `long` is the name by Rock Ridge. */
function record(name: string, sector: number, size: number, isDirectory: boolean, long = ''): Buffer {
  const padding = name.length % 2 === 0 ? 1 : 0;
  const nm =
    long === ''
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from('NM'), Buffer.of(5 + long.length, 1, 0), Buffer.from(long)]);
  const length = 33 + name.length + padding + nm.length;
  const data = Buffer.alloc(length + (length % 2));
  data[0] = data.length;
  data.writeUInt32LE(sector, 2);
  data.writeUInt32LE(size, 10);
  data[25] = isDirectory ? 2 : 0;
  data[32] = name.length;
  data.write(name, 33, 'latin1');
  nm.copy(data, 33 + name.length + padding);
  return data;
}

const self = (sector: number): Buffer[] => [record('\0', sector, SECTOR, true), record('\x01', sector, SECTOR, true)];

/** A disc with DIR/FILE.TXT, DIR/long name, and so many files more that the directory needs two sectors. */
function disc(): Buffer {
  const data = Buffer.alloc(24 * SECTOR);
  const descriptor = data.subarray(16 * SECTOR);
  descriptor[0] = 1;
  descriptor.write('CD001', 1, 'latin1');
  descriptor.write('CONFIG-2'.padEnd(32), 40, 'latin1');
  record('\0', 18, SECTOR, true).copy(descriptor, 156);
  Buffer.concat([...self(18), record('DIR', 19, 2 * SECTOR, true)]).copy(data, 18 * SECTOR);
  const many = Array.from({ length: 50 }, (_, index) => record(`F${String(index).padStart(4, '0')}.;1`, 21, 1, false));
  Buffer.concat([...self(19), ...many.slice(0, 40)]).copy(data, 19 * SECTOR);
  const last = [record('FILE.TXT;1', 21, 5, false), record('LONG.;1', 22, 4, false, 'Long name.json')];
  Buffer.concat([...many.slice(40), ...last]).copy(data, 20 * SECTOR);
  data.write('hello', 21 * SECTOR);
  return data;
}

const reading =
  (data: Buffer): ReadDisc =>
  (offset, length) =>
    data.subarray(offset, offset + length);

test('names, sizes and contents are found, plain and by Rock Ridge', () => {
  const read = reading(disc());
  const { label, root } = readDisc(read) ?? {};
  expect(label).toBe('CONFIG-2');
  const file = findEntry(read, root!, ['dir', 'file.txt'])!;
  expect(Buffer.from(read(file.offset, file.size)).toString()).toBe('hello');
  expect(findEntry(read, root!, ['dir', 'Long name.json'])).toMatchObject({ size: 4, isDirectory: false });
  expect(listDirectory(read, findEntry(read, root!, ['dir'])!)).toHaveLength(52);
  expect(findEntry(read, root!, ['dir', 'none', 'deeper'])).toBeUndefined();
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(40 * SECTOR)],
  ['a disc that ends too early', disc().subarray(0, 16 * SECTOR + 100)],
])('%s is no disc', (_what, data) => {
  expect(readDisc(reading(data))).toBeUndefined();
});
