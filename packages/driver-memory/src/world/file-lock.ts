import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { DriverError } from '@virt-drivers/core';
import { createBackoff, deadlineIn, delay, remaining } from '@virt-drivers/core/kit';
import { hasCode } from '../content/system-error.js';

const LONGEST_WAIT = { seconds: 10 };

// The lock appears with its owner in it: a process killed at any point leaves a lock that tells whose it was, or none.
async function tryLock(path: string): Promise<boolean> {
  const ticket = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(ticket, String(process.pid), { flag: 'wx', mode: 0o600 });
  try {
    await link(ticket, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(ticket, { force: true });
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

// A process that was killed leaves its lock behind.
async function removeStale(path: string): Promise<void> {
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
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
