import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'tsup';

/** A program of the tests, built once, run as processes of its own that can be killed. */
export interface WorkerProgram {
  run(...args: string[]): Worker;
  /** Kills what still runs and removes the program. */
  close(): Promise<void>;
}

/** A process that says words, one a line. */
export interface Worker {
  readonly words: readonly string[];
  readonly ended: Promise<unknown>;
  /** Resolves when the word was said so many times, or the process has ended. */
  says(word: string, times?: number): Promise<void>;
  kill(): Promise<unknown>;
}

/** Builds `test/worker/<name>.ts` with everything it needs into a directory of its own. */
export async function buildWorker(name: string): Promise<WorkerProgram> {
  const directory = mkdtempSync(join(tmpdir(), `compute-${name}-`));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  // For what is loaded while it runs, by name.
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'));
  await build({
    entry: [join(import.meta.dirname, `${name}.ts`)],
    outDir: directory,
    format: 'esm',
    target: 'node20',
    noExternal: [/^(?!tsup)/],
    config: false,
    silent: true,
    esbuildOptions: (options) => void (options.conditions = ['@virt-drivers/source']),
  });
  const running = new Set<Worker>();
  return {
    run(...args) {
      const worker = start(join(directory, `${name}.js`), args);
      running.add(worker);
      void worker.ended.finally(() => running.delete(worker));
      return worker;
    },
    async close() {
      await Promise.all([...running].map((worker) => worker.kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function start(program: string, args: readonly string[]): Worker {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const words: string[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((one) => one());
  createInterface({ input: child.stdout }).on('line', (line) => {
    words.push(line);
    look();
  });
  let over = false;
  const ended = once(child, 'close').finally(() => {
    over = true;
    look();
  });
  return {
    words,
    ended,
    says: (word, times = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (over || words.filter((one) => one === word).length >= times) resolve();
        };
        waiting.add(check);
        check();
      }),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
