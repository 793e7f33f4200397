import { execFile } from 'node:child_process';

/** What a finished command wrote. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Milliseconds until the command is killed; 60 000 when left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Working directory; this process's when left out. */
  readonly cwd?: string;
  /** The whole environment; this process's when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the command's stdin, which is then closed. */
  readonly input?: string;
}

/** A command ended with an exit code other than 0, was killed, or could not be started. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly command: string,
    /** Exit code, name of the signal that ended it, or an errno name such as `ENOENT`. */
    readonly status: number | string,
    readonly output: CommandOutput,
  ) {
    super(`${command} ended with ${status}: ${output.stderr.trim() || output.stdout.trim() || 'no output'}`);
  }
}

/** Runs a program without a shell and resolves with its output. */
export function runCommand(file: string, args: readonly string[], options: RunOptions = {}): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      [...args],
      {
        encoding: 'utf8',
        timeout: options.timeoutMs ?? 60_000,
        killSignal: 'SIGKILL',
        maxBuffer: 64 << 20,
        ...(options.signal ? { signal: options.signal } : {}),
        ...(options.cwd ? { cwd: options.cwd } : {}),
        ...(options.env ? { env: options.env } : {}),
      },
      (error, stdout, stderr) => {
        if (!error) resolve({ stdout, stderr });
        else if (error.name === 'AbortError') reject(options.signal?.reason ?? error);
        else reject(new CommandFailed(file, error.code ?? error.signal ?? 'error', { stdout, stderr }));
      },
    );
    // A command that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => undefined).end(options.input ?? '');
  });
}
