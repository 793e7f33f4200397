import { existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Resolves when `path` exists, or for `absent` when it does not; its directory must exist already.
 * Rejects with the signal's reason.
 */
export function fileBecomes(state: 'present' | 'absent', path: string, signal: AbortSignal): Promise<void> {
  const reached = () => existsSync(path) === (state === 'present');
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(path), (_event, name) => {
      if (name === basename(path) && reached()) settle(resolve);
    });
    const onAbort = () => settle(() => reject(signal.reason));
    const settle = (act: () => void) => {
      watcher.close();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    watcher.on('error', (error) => settle(() => reject(error)));
    signal.addEventListener('abort', onAbort);
    // After the watch is set, so that nothing can slip between the look and the watch.
    if (reached()) settle(resolve);
    else if (signal.aborted) onAbort();
  });
}
