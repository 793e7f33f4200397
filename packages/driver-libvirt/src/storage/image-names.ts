import type { Checksum, DiskFormat } from '@virt-drivers/core';
import { randomBytes } from 'node:crypto';
import { fileNameOf, type VolumeFormat } from '../convert/volume-xml.js';

/*
 * Three kinds of files per content:
 *   vd-image-sha256-HEX.TOKEN.qcow2   the bytes; of every import another one
 *   vd-cached-sha256-HEX.qcow2        the record: which import counts, by its backing file. Made at once or not at all.
 *   vd-import-sha256-HEX.raw          somebody imports; its size grows for as long as that process is alive
 */
const IMAGE = /^vd-image-(sha256|sha512)-([0-9a-f]+)\.[0-9a-f]{8}\.(?:qcow2|raw|iso)$/;
const RECORD = /^vd-cached-(sha256|sha512)-([0-9a-f]+)\.qcow2$/;
const LOCK = /^vd-import-(sha256|sha512)-([0-9a-f]+)\.raw$/;

const contentName = ({ algorithm, hex }: Checksum): string => `${algorithm}-${hex}`;

/** File name of a new import's bytes. */
export const newImageName = (checksum: Checksum, format: VolumeFormat): string =>
  fileNameOf(`vd-image-${contentName(checksum)}.${randomBytes(4).toString('hex')}`, format);

export const recordName = (checksum: Checksum): string => fileNameOf(`vd-cached-${contentName(checksum)}`, 'qcow2');

export const lockName = (checksum: Checksum): string => fileNameOf(`vd-import-${contentName(checksum)}`, 'raw');

const checksumIn = (pattern: RegExp, fileName: string): Checksum | undefined => {
  const [, algorithm, hex] = pattern.exec(fileName) ?? [];
  if (hex === undefined) return undefined;
  return { algorithm: algorithm === 'sha512' ? 'sha512' : 'sha256', hex };
};

/** The content that a file of bytes is an import of; undefined for other files. */
export const importedContent = (fileName: string): Checksum | undefined => checksumIn(IMAGE, fileName);

/** The content that a record is about; undefined for other files. */
export const recordedContent = (fileName: string): Checksum | undefined => checksumIn(RECORD, fileName);

/** Files that are no volumes to anybody: records and locks. */
export const isImageBookkeeping = (fileName: string): boolean => RECORD.test(fileName) || LOCK.test(fileName);

/** Formats that an image can be kept in as it is. */
export const KEPT_FORMATS = ['qcow2', 'raw', 'iso'] as const satisfies readonly DiskFormat[];

/** Imports that are not under way. Which of them count the records tell. */
export function restingImports(
  fileNames: readonly string[],
): readonly { readonly fileName: string; readonly checksum: Checksum }[] {
  const present = new Set(fileNames);
  return fileNames.flatMap((fileName) => {
    const checksum = importedContent(fileName);
    return checksum && !present.has(lockName(checksum)) ? [{ fileName, checksum }] : [];
  });
}
