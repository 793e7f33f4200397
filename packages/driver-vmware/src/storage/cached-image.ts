import { bytes, type Checksum, type DiskFormat } from '@virt-drivers/core';
import * as v from 'valibot';
import type { FileFormat } from './volume-file.js';

/** Folder of a datastore that cached images are in, each in a folder named after its content. */
export const IMAGES_FOLDER = 'virt-drivers-images';
/** What an image's folder is called until all of it is there. */
const UNFINISHED = 'unfinished-';
export const RECORD_FILE = 'image.json';

const HEX = { sha256: 64, sha512: 128 } as const;
const decimal = v.pipe(v.string(), v.regex(/^\d{1,30}$/));

const schema = v.object({
  version: v.literal(1),
  format: v.picklist(['vmdk', 'iso']),
  virtualSizeBytes: v.pipe(
    decimal,
    v.transform((text) => bytes(BigInt(text))),
  ),
  lastUsedAt: v.pipe(v.string(), v.isoTimestamp()),
});

/** What is noted of a cached image beside its file. */
export type ImageNote = v.InferOutput<typeof schema>;

/** Reads a note; undefined for a text that is none. */
export function readImageNote(text: string): ImageNote | undefined {
  try {
    const read = v.safeParse(schema, JSON.parse(text));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}

export const imageNoteText = ({ format, virtualSizeBytes, lastUsedAt }: ImageNote): string =>
  JSON.stringify({ version: 1, format, virtualSizeBytes: String(virtualSizeBytes), lastUsedAt });

/** The folder of an image, by its content. */
export const imageFolder = ({ algorithm, hex }: Checksum): string => `${IMAGES_FOLDER}/${algorithm}-${hex}`;

/** The content that a folder is named after; undefined for any other path. */
export function contentOfFolder(folder: string): Checksum | undefined {
  const [, algorithm, hex = ''] = /^virt-drivers-images\/(sha256|sha512)-([0-9a-f]+)$/.exec(folder) ?? [];
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return undefined;
  return hex.length === HEX[algorithm] ? { algorithm, hex } : undefined;
}

/** The path of an image's own file. */
export const imageFile = (folder: string, format: FileFormat): string => `${folder}/image.${format}`;

/** A folder for an image that is being imported, which says since when. */
export const unfinishedFolder = (since: number, own: string): string =>
  `${IMAGES_FOLDER}/${UNFINISHED}${since.toString(36)}-${own}`;

/** Since when an import has been going on, by its folder; undefined for any other path. */
export function unfinishedSince(folder: string): number | undefined {
  const [, since] = /^virt-drivers-images\/unfinished-([0-9a-z]{1,11})-/.exec(folder) ?? [];
  return since === undefined ? undefined : Number.parseInt(since, 36);
}

/** The volume format that an image of this format is kept in. */
export const keptFormat = (format: DiskFormat): FileFormat => (format === 'iso' ? 'iso' : 'vmdk');
