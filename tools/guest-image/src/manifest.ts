import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSha256 } from './file-sha256.js';

export type ImageFile = 'qcow2' | 'raw' | 'kernel' | 'initrd';

/** Files of the built guest, as absolute paths. */
export interface GuestImage {
  /** Compressed, without a backing file. */
  readonly qcow2: string;
  /** The same disk; 49 MiB. */
  readonly raw: string;
  /** With `initrd` and `cmdline`: boots without a disk. */
  readonly kernel: string;
  readonly initrd: string;
  /** The kernel's command line itself. */
  readonly cmdline: string;
  /** Lower-case hex digits, per file. */
  readonly sha256: Readonly<Record<ImageFile, string>>;
}

const names: Readonly<Record<ImageFile, string>> = {
  qcow2: 'guest.qcow2',
  raw: 'guest.raw',
  kernel: 'vmlinuz',
  initrd: 'initrd.img',
};

/** Describes the files of a finished build in its manifest.json, with paths relative to it. */
export async function writeManifest(directory: string): Promise<void> {
  const sha256: Partial<Record<ImageFile, string>> = {};
  for (const [file, name] of Object.entries(names)) sha256[file as ImageFile] = await fileSha256(join(directory, name));
  const cmdline = (await readFile(join(directory, 'cmdline'), 'utf8')).trim();
  await writeFile(join(directory, 'manifest.json'), `${JSON.stringify({ ...names, cmdline, sha256 }, null, 2)}\n`);
}

/** The image of a directory, or undefined when no finished build is there. */
export async function readManifest(directory: string): Promise<GuestImage | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, 'manifest.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // Written by writeManifest, under a name that changes with this code's inputs.
  const image = JSON.parse(text) as GuestImage;
  const absolute = (file: ImageFile) => join(directory, image[file]);
  return {
    ...image,
    qcow2: absolute('qcow2'),
    raw: absolute('raw'),
    kernel: absolute('kernel'),
    initrd: absolute('initrd'),
  };
}
