import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A running simulator. */
export interface VcsimProcess {
  readonly pid: number;
  /** `https://127.0.0.1:PORT/sdk` */
  readonly url: string;
  /** Writes the inventory into a directory. */
  save(directory: string): Promise<void>;
  /** Resolves when it has ended. SIGKILL leaves its files, SIGTERM does not. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The last lines of what it wrote to stderr. */
  readonly log: readonly string[];
}

export interface VcsimProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly password: string;
  /** Milliseconds for a start, a save or an end. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves when the simulator listens. It ends by itself with this process, whose end of its stdin it watches. */
export async function startVcsimProcess(options: VcsimProcessOptions): Promise<VcsimProcess> {
  const child = spawn(options.program, [...options.args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, VCSIM_PASSWORD: options.password },
  });
  const exited = once(child, 'exit');
  exited.catch(() => undefined);
  const log = lastLines(child);
  const answers = lineReader(child);
  const failed = exited.then(([code, signal]) => {
    throw new Error(`vcsim ended with ${String(code ?? signal)}: ${log.join('\n')}`);
  });
  failed.catch(() => undefined);
  child.stdin.on('error', () => undefined);

  async function next(): Promise<Record<string, unknown>> {
    const timeout = AbortSignal.timeout(options.deadlineMs);
    return Promise.race([answers(timeout), failed]);
  }
  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const overdue = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs);
    await exited;
    clearTimeout(overdue);
  }

  const abort = () => void child.kill('SIGTERM');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const { url } = await next();
    if (child.pid === undefined || typeof url !== 'string') throw new Error('vcsim did not say where it listens.');
    options.signal?.throwIfAborted();
    return { pid: child.pid, url, end, log, save: (directory) => save(child, next, directory) };
  } catch (error) {
    await end('SIGTERM').catch(() => undefined);
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

async function save(child: ChildProcess, next: () => Promise<Record<string, unknown>>, directory: string) {
  child.stdin?.write(`save ${directory}\n`);
  const { error } = await next();
  if (error !== undefined) throw new Error(`vcsim could not save its inventory: ${String(error)}`);
}

/** One line of JSON after the other, each waited for by one caller. */
function lineReader(child: ChildProcess): (signal: AbortSignal) => Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('vcsim has no stdout.');
  const lines = createInterface({ input: child.stdout });
  return async (signal) => {
    const [line]: unknown[] = await once(lines, 'line', { signal });
    const answer: unknown = JSON.parse(String(line));
    return Object(answer);
  };
}

function lastLines(child: ChildProcess): readonly string[] {
  const log: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      if (log.length > 60) log.shift();
    });
  }
  return log;
}
