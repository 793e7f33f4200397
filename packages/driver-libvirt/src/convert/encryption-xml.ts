import { toXml, tree, type Tree } from './xml.js';

/*
 * That a file is encrypted is part of its name, as its format is: its first bytes cannot tell, for a guest may have
 * encrypted all of a plain disk itself. No plain volume's file ends like this. libvirt makes an identifier of the name,
 * which begins with a letter.
 */
const ENDINGS = { raw: 'luks', qcow2: 'luksqcow2' } as const;
const NAMED = /^luks-(.+)\.(luks|luksqcow2)$/;

/** Formats that an encrypted file can have inside. */
export type EncryptedFormat = keyof typeof ENDINGS;

/** File name of an encrypted volume. */
export const encryptedFileName = (name: string, format: EncryptedFormat): string => `luks-${name}.${ENDINGS[format]}`;

/** File names that an encrypted volume of this name may have. */
export const encryptedFileNames = (name: string): readonly string[] => [
  encryptedFileName(name, 'qcow2'),
  encryptedFileName(name, 'raw'),
];

/** Name and format that the name of an encrypted volume's file tells; undefined for other files. */
export function readEncryptedFileName(fileName: string): { name: string; format: EncryptedFormat } | undefined {
  const [, name, ending] = NAMED.exec(fileName) ?? [];
  return name === undefined ? undefined : { name, format: ending === ENDINGS.raw ? 'raw' : 'qcow2' };
}

/** True for the path of an encrypted volume's file. */
export const isEncryptedFile = (path: string): boolean => NAMED.test(path.slice(path.lastIndexOf('/') + 1));

/** How a document says that what is there is encrypted; libvirt's secret that has the key is found by `usage`. */
export const encryptionTree = (usage: string): Tree =>
  tree('encryption', { format: 'luks' }, tree('secret', { type: 'passphrase', usage }));

/** A secret that nobody can read back and that no disk keeps. */
export const volumeSecretXml = (usage: string): string =>
  toXml(
    tree('secret', { ephemeral: 'yes', private: 'yes' }, tree('usage', { type: 'volume' }, tree('volume', {}, usage))),
  );
