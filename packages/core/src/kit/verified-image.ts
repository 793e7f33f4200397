import { createHash } from 'node:crypto';
import { DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { ImageSource } from '../values/image-source.js';

/**
 * The same image, whose content fails at its end when it is not what its checksum says. The last chunk is held back until
 * then: a server that has all bytes says that it is done before anybody could tell it that they are wrong. Errors, of the
 * content: `IMAGE.CHECKSUM_MISMATCH`.
 */
export const verifiedImage = (image: ImageSource): ImageSource => ({
  ...image,
  open: (options) => hashed(image, options),
});

async function* hashed(image: ImageSource, options: CallOptions | undefined): AsyncGenerator<Uint8Array> {
  const { algorithm, hex } = image.checksum;
  const hash = createHash(algorithm);
  let last: Uint8Array | undefined;
  for await (const chunk of image.open(options)) {
    if (chunk.length === 0) continue;
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  const found = hash.digest('hex');
  if (found !== hex.toLowerCase()) {
    const message = `Image ${hex} has content with ${algorithm} ${found}. Fetch it again.`;
    throw new DriverError('IMAGE.CHECKSUM_MISMATCH', message, { subject: hex });
  }
  if (last) yield last;
}
