import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place of which only one test makes use, so that whatever is new in it afterwards was left there by that test. */
export interface Surroundings {
  /** The command line that runs a program in it. */
  inside(program: string, args: readonly string[]): readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /** Its mounts, its network links and its temporary files. */
  traces(): string[];
  end(): Promise<void>;
}

/** Mount and network namespaces, kept by a process that does nothing, and a temporary directory. */
export async function surroundings(): Promise<Surroundings> {
  const flags = ['--mount', '--net', '--propagation', 'unchanged'];
  const keeper = spawn('unshare', [...flags, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  // Comes back once cat runs, which is in the namespaces.
  keeper.stdin.write('ready');
  await once(keeper.stdout, 'data');
  const temporary = mkdtempSync(join(tmpdir(), 'surroundings-'));
  const read = (file: string) => readFileSync(`/proc/${keeper.pid}/${file}`, 'utf8').split('\n');
  const entering = ['--target', String(keeper.pid), '--mount', '--net', '--root', '--wd', '--'];
  return {
    inside: (program, args) => ['nsenter', ...entering, program, ...args],
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary },
    traces: () => [
      ...read('mounts'),
      ...read('net/dev').map((line) => `link ${line.split(':')[0]?.trim()}`),
      ...readdirSync(temporary).map((name) => `file ${name}`),
    ],
    async end() {
      const exited = once(keeper, 'exit');
      keeper.stdin.end();
      await exited;
      rmSync(temporary, { recursive: true });
    },
  };
}
