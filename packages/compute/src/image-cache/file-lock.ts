import { watch, type FSWatcher } from 'node:fs';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '@virt-drivers/core/kit';
import type { CallOptions } from '@virt-drivers/core';
import { identityFrom, identityText, isAlive, thisProcess } from '../process-identity.js';
import { systemCode } from '../system-error.js';

// A dead owner makes no event, so waiters look by themselves this often too.
const LOOK_AGAIN_MILLISECONDS = 250;

/**
 * Runs `use` while holding a lock that other processes of this machine see. The lock is a file that says who holds it;
 * it appears and vanishes atomically, and that of a process that died is taken over. `scratch` is a directory on the
 * same file system.
 *
 * The lock saves work, it does not guard correctness: in the moment of a takeover two processes may both hold it.
 */
export async function withFileLock<T>(
  path: string,
  scratch: string,
  options: CallOptions,
  use: () => Promise<T>,
): Promise<T> {
  const owner = identityText(await thisProcess());
  const ticket = join(scratch, `${owner}.${randomUUID()}.lock`);
  await writeFile(ticket, owner, { flag: 'wx', mode: 0o600 });
  try {
    while (!(await linked(ticket, path))) {
      throwIfAborted(options, { what: `Waiting for ${path}` });
      if (!(await takenFromTheDead(path, `${ticket}.dead`))) await changed(dirname(path), options.signal);
    }
    return await use();
  } finally {
    await release(ticket, path);
  }
}

async function linked(ticket: string, path: string): Promise<boolean> {
  try {
    await link(ticket, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock when its owner is dead; true when it is worth trying again at once. */
async function takenFromTheDead(path: string, aside: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return true;
  const owner = identityFrom(text);
  if (owner && (await isAlive(owner))) return false;
  // Only one of several waiters can move it away.
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}

async function release(ticket: string, path: string): Promise<void> {
  const [mine, held] = await Promise.all([ticket, path].map((file) => stat(file).catch(() => undefined)));
  if (mine && held && mine.ino === held.ino && mine.dev === held.dev) await rm(path, { force: true });
  await rm(ticket, { force: true });
}

/** Resolves when something in the directory changes, the signal aborts, or a short while has passed. */
async function changed(directory: string, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = wait();
  const timer = setTimeout(resolve, LOOK_AGAIN_MILLISECONDS);
  const watcher = watcherOf(directory, resolve);
  signal?.addEventListener('abort', resolve);
  await promise;
  signal?.removeEventListener('abort', resolve);
  watcher?.close();
  clearTimeout(timer);
}

function wait(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

// Watching may be impossible (too many watchers, a network file system); looking again after a while is enough then.
function watcherOf(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(directory, onChange).on('error', () => undefined);
  } catch {
    return undefined;
  }
}
