import { VsphereError } from '../errors/vsphere-error.js';

export type OnBytes = (total: number) => void;

/**
 * Passes a source on, counting. A source of another length than was promised fails before the server could take the
 * shorter one for the whole.
 */
export async function* counted(
  what: string,
  source: AsyncIterable<Uint8Array>,
  size: number | undefined,
  onBytes?: OnBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const piece of source) {
    total += piece.length;
    if (size !== undefined && total > size) throw wrongLength(what, `more than the ${size} bytes`);
    yield piece;
    onBytes?.(total);
  }
  if (size !== undefined && total < size) throw wrongLength(what, `${total} of the ${size} bytes`);
}

function wrongLength(what: string, length: string): VsphereError {
  return new VsphereError('TRANSFER_INCOMPLETE', `The source of ${what} has ${length} that were promised.`, {
    sent: true,
  });
}
