import { bytes, type CallOptions } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import { withFile, type OvaInspection } from '@virt-drivers/image-formats';
import { inspectImage, type ImageInspection } from '../image/inspect-image.js';
import type { CachedContent, ImageCache } from '../image-cache/image-cache.js';
import { admittedDisk, type AdmittedDisk } from './admitted-disk.js';
import { inspectedPackage, packageDisks } from './admit-package.js';
import { checkDeclaration, DEFAULT_MAXIMUM_SIZE, type ImageDeclaration, type ImageLimits } from './declaration.js';
import type { ImageInput } from './image-input.js';
import { refusal } from './verdict.js';

/** An image that passed the gate: what drivers make volumes from. Of a package: its first disk. */
export interface AdmittedImage extends AdmittedDisk {
  readonly inspection: ImageInspection;
  /** The other disks of a package, in the guest's order; absent for an image of one disk. */
  readonly further?: readonly AdmittedDisk[];
  /** SHA-256 of the package that the disks are in. */
  readonly packageSha256?: string;
}

/** What the gate works with. */
export interface Gate {
  readonly cache: ImageCache;
  readonly limits?: ImageLimits;
}

/**
 * Lets an image in, or refuses it before anything remote is touched: transfers it into the cache (once for all processes
 * that ask for the same checksum), verifies its checksum on the way, inspects it, and compares it with its declaration.
 * An image that is in the cache already is inspected again, which costs its tables only; a package is read to its end.
 * A VMDK is offered as the raw disk that it describes, and was read to its end for that.
 *
 * Errors: `REQUEST.INVALID` (declaration), `IMAGE.NOT_FOUND`, `ACCESS.DENIED`, `IMAGE.CHECKSUM_MISMATCH`,
 * `IMAGE.FORMAT_MISMATCH`, `IMAGE.UNSAFE`, `IMAGE.CORRUPT`, `IMAGE.TOO_LARGE`, `CALL.CANCELLED`.
 */
export async function admitImage(
  input: ImageInput,
  declaration: ImageDeclaration,
  { cache, limits = {} }: Gate,
  options: CallOptions = {},
): Promise<AdmittedImage> {
  const { name } = input;
  throwIfAborted(options, { what: `Admitting image "${name}"` });
  checkDeclaration(name, declaration, limits);
  const { format } = declaration;
  if (format === 'ova') {
    const inspected = (path: string): Promise<OvaInspection> => inspectedPackage(name, path, limits, options);
    const content = await ensure(input, declaration, { cache, limits }, inspected, options);
    return admittedPackage(name, await inspected(content.path), content, cache, options);
  }
  const inspected = async (path: string): Promise<ImageInspection> => {
    const inspection = await withFile(path, inspectImage);
    const error = refusal(name, inspection, declaration, limits);
    if (error) throw error;
    return inspection;
  };
  const content = await ensure(input, declaration, { cache, limits }, inspected, options);
  const inspection = await inspected(content.path);
  const disk = await admittedDisk({ name, content, cache }, inspection, format, content.sha256, options);
  return { ...disk, name, inspection };
}

const ensure = (
  input: ImageInput,
  { checksum }: ImageDeclaration,
  { cache, limits = {} }: Gate,
  check: (path: string) => Promise<unknown>,
  options: CallOptions,
): Promise<CachedContent> =>
  cache.ensure(
    {
      open: (call) => input.open(call),
      name: input.name,
      maximumSizeBytes: limits.maximumSizeBytes ?? DEFAULT_MAXIMUM_SIZE,
      check: async (path) => void (await check(path)),
      ...(checksum && { checksum }),
      ...(input.identity && { identity: () => input.identity?.() }),
    },
    options,
  );

async function admittedPackage(
  name: string,
  inspection: OvaInspection,
  content: CachedContent,
  cache: ImageCache,
  options: CallOptions,
): Promise<AdmittedImage> {
  const [root, ...further] = await packageDisks(name, inspection, content, cache, options);
  const image = inspection.disks[0]?.image;
  if (!root || !image) throw new Error(`Package "${name}" was admitted without a disk.`);
  const sizes = { sizeBytes: bytes(image.sizeBytes), virtualSizeBytes: bytes(image.virtualSizeBytes) };
  return { ...root, name, inspection: { ...image, ...sizes }, further, packageSha256: content.sha256 };
}
