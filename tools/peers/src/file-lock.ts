import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs `work` while no other process holds the lock on `file`. The kernel frees the lock of a process that dies:
 * flock(1) keeps it for a `cat` that ends with our end of its pipe, and that echoes only once it has the lock.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(holder, 'exit');
  const failed = exited.then(([code]) => Promise.reject(new Error(`flock ${file} ended with ${code}.`)));
  // A holder that has ended is told by `failed`, not by its broken pipe.
  holder.stdin.on('error', () => undefined);
  try {
    holder.stdin.write('?');
    await Promise.race([once(holder.stdout, 'data'), failed]);
    return await work();
  } finally {
    failed.catch(() => undefined);
    holder.stdin.end();
    await exited;
  }
}
