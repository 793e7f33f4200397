import { DriverError, type CallOptions, type ImageSource } from '@virt-drivers/core';
import { createHash } from 'node:crypto';

/** The same image, whose content fails at its end when it is not what its checksum says. */
export const verified = (image: ImageSource): ImageSource => ({
  ...image,
  open: (options) => hashed(image, options),
});

async function* hashed({ checksum, open }: ImageSource, options: CallOptions | undefined): AsyncGenerator<Uint8Array> {
  const hash = createHash(checksum.algorithm);
  for await (const chunk of open(options)) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found === checksum.hex.toLowerCase()) return;
  throw new DriverError(
    'IMAGE.CHECKSUM_MISMATCH',
    `Image ${checksum.hex} has content with ${checksum.algorithm} ${found}. Fetch it again.`,
    { subject: checksum.hex },
  );
}
