import { watch } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DriverError } from '@virt-drivers/core';
import { createKeyedMutex } from '@virt-drivers/core/kit';
import { hasCode } from '../content/system-error.js';
import { withFileLock } from './file-lock.js';
import { newWorldState } from './new-world.js';
import { decodeState, encodeState } from './state-codec.js';
import type { WorldState } from './state.js';
import type { StateStore } from './state-store.js';

// Every change writes the whole state, so a file keeps fewer than a process does.
const EVENTS_KEPT = 1_000;

async function load(path: string): Promise<WorldState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return newWorldState(EVENTS_KEPT);
    throw new DriverError('ACCESS.DENIED', `World ${path} cannot be read; check who may read the file.`, {
      cause: error,
    });
  }
  try {
    return decodeState(text);
  } catch (cause) {
    throw new DriverError('REQUEST.INVALID', `World ${path} is not a world of this driver; name another file.`, {
      cause,
    });
  }
}

// Renamed into place when it is on disk, so that a killed process leaves the old world or the new one.
async function save(path: string, state: WorldState): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(encodeState(state));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** A state in a file that several processes share. The file appears with the first change. */
export function createFileStore(path: string): StateStore {
  const turns = createKeyedMutex<'state'>();
  return {
    hold: (use) =>
      turns.run('state', {}, () =>
        withFileLock(`${path}.lock`, async () => {
          const state = await load(path);
          const { result, changed } = use(state);
          if (changed) await save(path, state);
          return result;
        }),
      ),
    watch(onChange) {
      // The directory, because renaming replaces the file itself.
      const watcher = watch(dirname(path), (_, name) => {
        if (name === basename(path)) onChange();
      });
      watcher.on('error', () => undefined);
      return () => watcher.close();
    },
  };
}
