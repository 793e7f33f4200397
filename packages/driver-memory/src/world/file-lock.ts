import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { DriverError } from '@virt-drivers/core';
import { createBackoff, deadlineIn, delay, remaining } from '@virt-drivers/core/kit';
import { hasCode } from '../content/system-error.js';

const LONGEST_WAIT = { seconds: 10 };

// The lock appears with its owner in it: a process killed at any point leaves a lock that tells whose it was, or none.
async function tryLock(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(own, String(process.pid), { mode: 0o600 });
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** True while the process exists, also when it belongs to somebody else. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

const ownerOf = async (path: string): Promise<number> => Number(await readFile(path, 'utf8').catch(() => ''));

// A process that was killed leaves its lock behind. It is taken aside before it is removed: meanwhile somebody else may
// have removed it and have the next one, which is given back then.
async function removeStale(path: string): Promise<void> {
  const owner = await ownerOf(path);
  if (owner === 0 || isAlive(owner)) return;
  const aside = `${path}.${process.pid}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await ownerOf(aside)) !== owner) await link(aside, path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Runs `work` while no other process holds the lock file. Waits up to 10 seconds, then `HOST.UNREACHABLE`. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = deadlineIn(LONGEST_WAIT);
  const backoff = createBackoff({ initial: { milliseconds: 2 }, cap: { milliseconds: 50 } });
  while (!(await tryLock(path))) {
    await removeStale(path);
    if (remaining(deadline) === 0) {
      throw new DriverError(
        'HOST.UNREACHABLE',
        `World is locked by another process; end it, or remove ${path} if there is none.`,
      );
    }
    await delay(backoff.next());
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
