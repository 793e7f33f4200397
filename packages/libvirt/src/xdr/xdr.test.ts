import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { XdrReader } from './reader.js';
import { XdrWriter } from './writer.js';

function encoded(write: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  write(writer);
  return writer.take();
}

/** A value that was written is read back, and leaves nothing behind. */
function keeps<T>(
  values: fc.Arbitrary<T>,
  write: (writer: XdrWriter, value: T) => void,
  read: (reader: XdrReader) => T,
): void {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encoded((writer) => write(writer, value));
      const reader = new XdrReader(bytes);
      expect(read(reader)).toEqual(value);
      expect(reader.remaining).toBe(0);
      expect(bytes.length % 4).toBe(0);
    }),
  );
}

describe('values survive', () => {
  it('integers', () => {
    keeps(
      fc.integer(),
      (writer, value) => writer.writeInt32(value),
      (reader) => reader.readInt32(),
    );
    keeps(
      fc.nat(0xffffffff),
      (writer, value) => writer.writeUInt32(value),
      (reader) => reader.readUInt32(),
    );
    keeps(
      fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
      (writer, value) => writer.writeInt64(value),
      (reader) => reader.readInt64(),
    );
    keeps(
      fc.bigInt(0n, (1n << 64n) - 1n),
      (writer, value) => writer.writeUInt64(value),
      (reader) => reader.readUInt64(),
    );
  });
  it('doubles', () =>
    keeps(
      fc.double(),
      (writer, value) => writer.writeDouble(value),
      (reader) => reader.readDouble(),
    ));
  it('strings', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !/[\0\p{Surrogate}]/u.test(value));
    keeps(
      text,
      (writer, value) => writer.writeString(value),
      (reader) => reader.readString(),
    );
    keeps(
      fc.option(text, { nil: undefined }),
      (writer, value) => writer.writeOptionalString(value),
      (reader) => reader.readOptionalString(),
    );
  });
  it('bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 100 }).map((value): Buffer => Buffer.from(value));
    keeps(
      bytes,
      (writer, value) => writer.writeOpaque(value, 100),
      (reader) => reader.readOpaque(100),
    );
    keeps(
      bytes,
      (writer, value) => writer.writeCharBytes(value, 100),
      (reader) => reader.readCharBytes(100),
    );
  });
  it('uuids and lists of them', () => {
    const list = fc.array(fc.uuid(), { maxLength: 2000 });
    keeps(
      list,
      (writer, value) => writer.writeArray(value, 2000, (_, item) => writer.writeUuid(item)),
      (reader) => reader.readArray(2000, (item) => item.readUuid()),
    );
  });
});

describe('arguments that cannot be sent are refused', () => {
  it.each<[string, (writer: XdrWriter) => void]>([
    ['2^31 as int', (writer) => writer.writeInt32(2 ** 31)],
    ['a fraction', (writer) => writer.writeInt32(0.5)],
    ['NaN', (writer) => writer.writeUInt32(NaN)],
    ['2^32 as unsigned', (writer) => writer.writeUInt32(2 ** 32)],
    ['-1 as unsigned long', (writer) => writer.writeUInt64(-1n)],
    ['2^63 as long', (writer) => writer.writeInt64(1n << 63n)],
    ['a NUL in a string', (writer) => writer.writeString('a\0b')],
    ['half a surrogate pair', (writer) => writer.writeString('a\ud800')],
    ['a string that is too long', (writer) => writer.writeString('abc', 2)],
    ['bytes that are too many', (writer) => writer.writeOpaque(Buffer.alloc(3), 2)],
    ['a list that is too long', (writer) => writer.writeArray([1, 2], 1, () => undefined)],
    ['a uuid that is short', (writer) => writer.writeUuid('6695eb01f6a4830479aa97f2502e193')],
    ['a uuid with a wrong digit', (writer) => writer.writeUuid('6695eb01-f6a4-8304-79aa-97f2502e193g')],
    ['a uuid with wrong dashes', (writer) => writer.writeUuid('6695eb0-1f6a4-8304-79aa-97f2502e193f')],
    ['a uuid that is empty', (writer) => writer.writeUuid('')],
  ])('%s', (_, write) => {
    expect(() => encoded(write)).toThrow(expect.objectContaining({ name: 'LibvirtError', code: 'INVALID_ARGUMENT' }));
  });

  it('flags with bit 31 are accepted as JavaScript makes them', () => {
    expect(encoded((writer) => writer.writeUInt32(1 << 31))).toEqual(encoded((writer) => writer.writeUInt32(2 ** 31)));
  });
});

it('every kind of value survives when the writer makes room for it', () => {
  const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
  // Each round ends a little later in the buffer, so that each kind of value once is the one that does not fit.
  for (let fill = 65_400; fill <= 65_536; fill += 4) {
    const bytes = encoded((writer) => {
      writer.writeBytes(Buffer.alloc(fill));
      writer.writeUuid(uuid);
      writer.writeInt32(-1);
      writer.writeUInt64(7n);
      writer.writeString('text');
      writer.writeDouble(0.5);
      writer.writeCharBytes(Buffer.from([1, 255]), 2);
    });
    const reader = new XdrReader(bytes, fill);
    expect([
      reader.readUuid(),
      reader.readInt32(),
      reader.readUInt64(),
      reader.readString(),
      reader.readDouble(),
    ]).toEqual([uuid, -1, 7n, 'text', 0.5]);
    expect([...reader.readCharBytes(2)]).toEqual([1, 255]);
  }
});

it('a writer takes back what was not finished, and grows', () => {
  const writer = new XdrWriter();
  writer.writeString('first');
  const first = writer.take();
  const kept = writer.length;
  writer.writeString('x'.repeat(200_000));
  writer.truncate(kept);
  writer.writeString('second');
  expect(new XdrReader(first).readString()).toBe('first');
  expect(new XdrReader(writer.take()).readString()).toBe('second');
});

it('a UUID is whole wherever the buffer ends', () => {
  const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
  const writer = new XdrWriter();
  // 20 bytes a message: the buffer of 64 KiB ends in the middle of one.
  for (let message = 0; message < 8_000; message++) {
    writer.writeUInt32(message);
    writer.writeUuid(uuid);
    const reader = new XdrReader(writer.take());
    expect([reader.readUInt32(), reader.readUuid()]).toEqual([message, uuid]);
  }
});
