import { toXml, tree, type Tree } from './xml.js';

/*
 * That a file is encrypted is part of its name, as its format is: its first bytes cannot tell, for a guest may have
 * encrypted all of a plain disk itself. No plain volume's file ends like this. libvirt makes an identifier of the name,
 * which begins with a letter.
 */
const ENDINGS = { raw: 'luks', qcow2: 'luksqcow2' } as const;
const NAMED = /^luks-(.+)\.(luks|luksqcow2)$/;
/** Devices and images in stores of blocks are called as their volumes are; names of volumes have no `+`. */
const BLOCKS_NAMED = /^luks\+(.+)$/;

/**
 * What the header takes of a device or an image, all of whose length the host tells: QEMU's own, 4 KiB and eight places for
 * keys of 4,000 times 64 bytes each, in whole 4 KiB.
 */
export const LUKS_HEADER_BYTES = 2_068_480n;

/** What keeps a volume. */
export type Keeping = 'file' | 'block' | 'network';

/** Formats that an encrypted file can have inside. */
export type EncryptedFormat = keyof typeof ENDINGS;

/** File name of an encrypted volume. */
export const encryptedFileName = (name: string, format: EncryptedFormat): string => `luks-${name}.${ENDINGS[format]}`;

/** File names that an encrypted volume of this name may have. */
export const encryptedFileNames = (name: string): readonly string[] => [
  encryptedFileName(name, 'qcow2'),
  encryptedFileName(name, 'raw'),
];

/** Name of the device or image of an encrypted volume. */
export const encryptedBlocksName = (name: string): string => `luks+${name}`;

/** Name and format that the name of what keeps an encrypted volume tells; undefined for other ones. */
export function readEncryptedName(
  fileName: string,
  keeping: Keeping,
): { name: string; format: EncryptedFormat } | undefined {
  if (keeping !== 'file') {
    const [, volume] = BLOCKS_NAMED.exec(fileName) ?? [];
    return volume === undefined ? undefined : { name: volume, format: 'raw' };
  }
  const [, name, ending] = NAMED.exec(fileName) ?? [];
  return name === undefined ? undefined : { name, format: ending === ENDINGS.raw ? 'raw' : 'qcow2' };
}

/** True for the location of an encrypted volume. */
export const isEncrypted = (location: string, keeping: Keeping): boolean =>
  readEncryptedName(location.slice(location.lastIndexOf('/') + 1), keeping) !== undefined;

/** How a document says that what is there is encrypted; libvirt's secret that has the key is found by `usage`. */
export const encryptionTree = (usage: string): Tree =>
  tree('encryption', { format: 'luks' }, tree('secret', { type: 'passphrase', usage }));

/** A secret that nobody can read back and that no disk keeps. */
export const volumeSecretXml = (usage: string): string =>
  toXml(
    tree('secret', { ephemeral: 'yes', private: 'yes' }, tree('usage', { type: 'volume' }, tree('volume', {}, usage))),
  );
