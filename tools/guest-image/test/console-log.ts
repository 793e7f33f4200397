import { existsSync } from 'node:fs';
import { readFile, watch } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Reads a guest's console log as it grows. */
export interface ConsoleLog {
  /** All that the guest has said. */
  text(): Promise<string>;
  /** Resolves with the first match after the one that was returned last. */
  next(pattern: RegExp): Promise<RegExpExecArray>;
}

export function consoleLog(file: string, deadlineMs: number): ConsoleLog {
  let position = 0;
  const text = async () => (existsSync(file) ? await readFile(file, 'latin1') : '');

  async function search(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    const match = pattern.exec((await text()).slice(position));
    if (match) position += match.index + match[0].length;
    return match ?? undefined;
  }

  return {
    text,
    async next(pattern) {
      // Set before the first look, so that nothing is written unseen in between.
      const changes = watch(dirname(file), { signal: AbortSignal.timeout(deadlineMs) })[Symbol.asyncIterator]();
      try {
        for (;;) {
          const match = await search(pattern);
          if (match) return match;
          await changes.next();
        }
      } catch (cause) {
        throw new Error(`The guest did not say ${pattern}; it said:\n${await text()}`, { cause });
      } finally {
        await changes.return?.();
      }
    },
  };
}
