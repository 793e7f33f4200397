import { existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Resolves when `path` exists; its directory must exist already. Rejects with the signal's reason. */
export function fileAppears(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(path), (_event, name) => {
      if (name === basename(path) && existsSync(path)) settle(resolve);
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
    if (existsSync(path)) settle(resolve);
    else if (signal.aborted) onAbort();
  });
}
