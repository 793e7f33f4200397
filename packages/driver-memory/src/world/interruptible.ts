import { abortable, type Interruption } from '@virt-drivers/core/kit';

/** The items, but giving up does not wait for a source that does not answer any more. */
export async function* interruptible<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
  about: Interruption,
): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await abortable(iterator.next(), { signal }, about);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    // Not awaited: a source that hangs would hang here too.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
