import { bytes, type CallOptions, type ImageSource } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import { withFile } from '@virt-drivers/image-formats';
import { inspectImage, type ImageInspection } from '../image/inspect-image.js';
import type { CachedContent, ImageCache } from '../image-cache/image-cache.js';
import { checkDeclaration, DEFAULT_MAXIMUM_SIZE, type ImageDeclaration, type ImageLimits } from './declaration.js';
import type { ImageInput } from './image-input.js';
import { openVerified } from './verified-stream.js';
import { refusal } from './verdict.js';

/** An image that passed the gate: what drivers make volumes from. */
export interface AdmittedImage extends ImageSource {
  readonly name: string;
  readonly inspection: ImageInspection;
}

/** What the gate works with. */
export interface Gate {
  readonly cache: ImageCache;
  readonly limits?: ImageLimits;
}

/**
 * Lets an image in, or refuses it before anything remote is touched: transfers it into the cache (once for all processes
 * that ask for the same checksum), verifies its checksum on the way, inspects it, and compares it with its declaration.
 * An image that is in the cache already is inspected again, which costs its tables only.
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
  throwIfAborted(options, { what: `Admitting image "${input.name}"` });
  checkDeclaration(input.name, declaration, limits);
  const inspected = async (path: string): Promise<ImageInspection> => {
    const inspection = await withFile(path, inspectImage);
    const error = refusal(input.name, inspection, declaration, limits);
    if (error) throw error;
    return inspection;
  };
  const content = await cache.ensure(
    {
      open: (call) => input.open(call),
      name: input.name,
      maximumSizeBytes: limits.maximumSizeBytes ?? DEFAULT_MAXIMUM_SIZE,
      check: async (path) => void (await inspected(path)),
      ...(declaration.checksum && { checksum: declaration.checksum }),
      ...(input.identity && { identity: () => input.identity?.() }),
    },
    options,
  );
  return admitted(input.name, declaration, await inspected(content.path), content, cache);
}

function admitted(
  name: string,
  { format }: ImageDeclaration,
  inspection: ImageInspection,
  content: CachedContent,
  cache: ImageCache,
): AdmittedImage {
  return {
    name,
    inspection,
    format,
    sizeBytes: bytes(inspection.sizeBytes),
    virtualSizeBytes: bytes(inspection.virtualSizeBytes),
    checksum: { algorithm: 'sha256', hex: content.sha256 },
    open: (options) => openVerified(name, content, cache, options),
  };
}
