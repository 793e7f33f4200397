import { DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { VolumeId } from '../values/identifiers.js';
import type { ImageSource } from '../values/image-source.js';
import { bytes } from '../values/quantity.js';
import type { TaskProgress } from '../values/task.js';

/**
 * The content's chunks on their way into a volume, which must be as many bytes as were promised: a chunk that would be
 * too much is not handed on. Errors: `IMAGE.CORRUPT`, and those of the content.
 */
export async function* countedContent(
  content: ImageSource,
  id: VolumeId,
  report: (progress: TaskProgress) => void,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const totalBytes = content.sizeBytes;
  let done = 0n;
  for await (const chunk of content.open(options)) {
    done += BigInt(chunk.length);
    if (done > totalBytes) throw wrongLength(id, `more than the ${totalBytes} bytes`);
    yield chunk;
    const fraction = totalBytes === 0n ? 1 : Number(done) / Number(totalBytes);
    report({ phase: 'sending', doneBytes: bytes(done), totalBytes, fraction });
  }
  if (done < totalBytes) throw wrongLength(id, `${done} instead of the ${totalBytes} bytes`);
}

function wrongLength({ key }: VolumeId, what: string): DriverError {
  const message = `Content of volume ${key} is ${what} that were promised. Fetch the image again.`;
  return new DriverError('IMAGE.CORRUPT', message, { subject: key });
}
