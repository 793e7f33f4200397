import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DriverError, type Checksum } from '@virt-drivers/core';
import type { Gate, ImageWish } from '@virt-drivers/compute';
import { textFlag, type Flags } from './command.js';
import type { CommandContext } from './command-context.js';
import { formatOf } from './image-format.js';

function parseChecksum(text: string): Checksum {
  const [algorithm, hex] = text.split(':');
  if ((algorithm === 'sha256' || algorithm === 'sha512') && hex) return { algorithm, hex };
  throw new DriverError('REQUEST.INVALID', `Checksum "${text}" must look like sha256:… or sha512:….`);
}

/** Gives a command the flags that name an image file. */
export const imageFlags = (command: Command, what: string): Command =>
  command
    .option('--image <file>', what)
    .option('--format <format>', "the image's format; default: by its name's ending")
    .option('--checksum <algorithm:hex>', 'sha256:… or sha512:…, verified before use');

/** The image that the flags name, or undefined. */
export async function imageWish(flags: Flags): Promise<ImageWish | undefined> {
  const path = textFlag(flags, 'image');
  if (path === undefined) return undefined;
  const { imageFile } = await import('@virt-drivers/compute');
  const checksum = textFlag(flags, 'checksum');
  const format = formatOf(path, textFlag(flags, 'format'));
  return {
    input: imageFile(path),
    declaration: { format, ...(checksum ? { checksum: parseChecksum(checksum) } : {}) },
  };
}

/** The image that the flags name. Errors: `REQUEST.INVALID` when they name none. */
export async function neededImage(flags: Flags): Promise<ImageWish> {
  const wish = await imageWish(flags);
  if (wish) return wish;
  throw new DriverError('REQUEST.INVALID', 'Give the image with --image FILE.');
}

/** Where verified images are kept on this machine. */
export const imageCacheDirectory = (env: CommandContext['terminal']['env']): string =>
  join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] || homedir(), '.cache'), 'virt-drivers', 'images');

/** The gate that images go through on this machine. */
export async function openGate({ terminal }: CommandContext): Promise<Gate> {
  const { openImageCache } = await import('@virt-drivers/compute');
  return { cache: await openImageCache(imageCacheDirectory(terminal.env)) };
}
