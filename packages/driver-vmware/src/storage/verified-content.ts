import { DriverError, type CallOptions, type ImageSource } from '@virt-drivers/core';
import { createHash } from 'node:crypto';

/**
 * The same image, whose content fails at its end when it is not what its checksum says. The last chunk is held back until
 * then: a server that has all bytes says that it is done before anybody could tell it that they are wrong.
 */
export const verified = (image: ImageSource): ImageSource => ({
  ...image,
  open: (options) => hashed(image, options),
});

async function* hashed({ checksum, open }: ImageSource, options: CallOptions | undefined): AsyncGenerator<Uint8Array> {
  const hash = createHash(checksum.algorithm);
  let last: Uint8Array | undefined;
  for await (const chunk of open(options)) {
    if (chunk.length === 0) continue;
    hash.update(chunk);
    if (last) yield last;
    last = chunk;
  }
  const found = hash.digest('hex');
  if (found !== checksum.hex.toLowerCase())
    throw new DriverError(
      'IMAGE.CHECKSUM_MISMATCH',
      `Image ${checksum.hex} has content with ${checksum.algorithm} ${found}. Fetch it again.`,
      { subject: checksum.hex },
    );
  if (last) yield last;
}
