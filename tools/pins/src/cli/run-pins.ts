import { CommanderError } from 'commander';
import { messageOf } from '../error-detail.js';
import { PinsError, PROBLEMS } from '../problem.js';
import { createPinsProgram } from './program.js';

/** Where the command reads and writes. */
export interface PinsTerminal {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

// Texts of a registry are somebody else's: control characters must not reach the terminal.
const printable = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, '�');

/**
 * Runs one command line (without program name) and gives the exit code: 0, or that of the worst problem; see `PROBLEMS`.
 * Never throws, never exits.
 */
export async function runPins(args: readonly string[], terminal: PinsTerminal, signal?: AbortSignal): Promise<number> {
  try {
    return await createPinsProgram(terminal, signal).run(args);
  } catch (error) {
    // Commander has printed its help or complaint already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : PROBLEMS.usage;
    terminal.stderr.write(`${printable(messageOf(error))}\n`);
    if (signal?.aborted) return 130;
    return error instanceof PinsError ? error.exitCode : 1;
  }
}
