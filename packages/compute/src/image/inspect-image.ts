import { bytes, type Bytes } from '@virt-drivers/core';
import { inspectImage as inspect, type ByteSource, type ImageInspection as Found } from '@virt-drivers/image-formats';

/** What an image is, learned from its bytes alone; sizes in the contract's unit. */
export interface ImageInspection extends Found {
  readonly sizeBytes: Bytes;
  readonly virtualSizeBytes: Bytes;
}

/** `inspectImage` of `@virt-drivers/image-formats`, with sizes in the contract's unit. Throws only what the source throws. */
export async function inspectImage(source: ByteSource): Promise<ImageInspection> {
  const found = await inspect(source);
  return { ...found, sizeBytes: bytes(found.sizeBytes), virtualSizeBytes: bytes(found.virtualSizeBytes) };
}
