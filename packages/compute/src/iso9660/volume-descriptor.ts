import { directoryRecord, type Extent } from './directory-record.js';
import { bigEndianText, both16, both32, longDate, NO_DATE, SECTOR } from './fields.js';

/** What a volume descriptor says. */
export interface VolumeFacts {
  readonly volumeId: string;
  readonly createdAt: Date;
  readonly totalSectors: number;
  readonly root: Extent;
  readonly pathTable: { readonly length: number; readonly little: number; readonly big: number };
}

/** Fields of text: offset and length. */
const TEXTS = {
  system: [8, 32],
  volume: [40, 32],
  set: [190, 128],
  publisher: [318, 128],
  preparer: [446, 128],
  application: [574, 128],
  copyright: [702, 37],
  abstract: [739, 37],
  bibliographic: [776, 37],
} as const;

/** Primary volume descriptor (ECMA-119 8.4). */
export const primaryDescriptor = (facts: VolumeFacts): Buffer =>
  descriptor(1, facts, (text) => Buffer.from(text, 'ascii'));

/** Supplementary volume descriptor of Joliet: names are UCS-2 level 3. */
export function jolietDescriptor(facts: VolumeFacts): Buffer {
  const sector = descriptor(2, facts, bigEndianText);
  sector.write('%/E', 88, 'ascii');
  return sector;
}

/** Ends the set of descriptors (ECMA-119 8.3). */
export const terminator = (): Buffer => lead(255);

function lead(type: number): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.writeUInt8(type, 0);
  sector.write('CD001\x01', 1, 'latin1');
  return sector;
}

function descriptor(type: number, facts: VolumeFacts, encode: (text: string) => Buffer): Buffer {
  const sector = lead(type);
  for (const [name, [offset, length]] of Object.entries(TEXTS)) {
    const text = name === 'volume' ? facts.volumeId : '';
    const space = encode(' ');
    const padded = Buffer.concat([encode(text), ...Array.from({ length }, () => space)]);
    padded.copy(sector, offset, 0, length - (length % space.length));
  }
  both32(sector, facts.totalSectors, 80);
  both16(sector, 1, 120);
  both16(sector, 1, 124);
  both16(sector, SECTOR, 128);
  both32(sector, facts.pathTable.length, 132);
  sector.writeUInt32LE(facts.pathTable.little, 140);
  sector.writeUInt32BE(facts.pathTable.big, 148);
  directoryRecord(Buffer.from([0]), true, facts.root, facts.createdAt).copy(sector, 156);
  longDate(facts.createdAt).copy(sector, 813);
  longDate(facts.createdAt).copy(sector, 830);
  NO_DATE.copy(sector, 847);
  NO_DATE.copy(sector, 864);
  sector.writeUInt8(1, 881);
  return sector;
}
