import { isDriverError } from '@virt-drivers/core';
import { CommanderError } from 'commander';
import { Ended, EXIT, exitCodeOf } from './exit-codes.js';
import { printable } from './output/human.js';
import { plain } from './output/plain.js';
import { createProgram } from './program.js';
import type { Terminal } from './terminal.js';

const wantsJson = (args: readonly string[], terminal: Terminal): boolean =>
  args.some(
    (arg, index) => arg === '--output=json' || (arg === 'json' && ['-o', '--output'].includes(args[index - 1] ?? '')),
  ) || terminal.env['VIRT_OUTPUT'] === 'json';

function report(error: unknown, terminal: Terminal, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const data = isDriverError(error) ? error.toJSON() : { name: 'Error', message };
    terminal.stderr.write(`${JSON.stringify(plain(data))}\n`);
    return;
  }
  const code = isDriverError(error) ? ` [${error.code}]` : '';
  terminal.stderr.write(`virt: ${printable(message)}${code}\n`);
  if (isDriverError(error) && error.stateAfter !== 'unchanged') {
    terminal.stderr.write(
      `virt: what it left is ${error.stateAfter}; look with \`virt list\`, mend with \`virt reconcile\`.\n`,
    );
  }
}

/**
 * Runs one command line (without program name) and gives the exit code. Never throws, never exits; `signal` interrupts
 * the command, which then undoes what it began.
 */
export async function main(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  try {
    await createProgram(terminal, signal).parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has printed its help or complaint already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof Ended) return error.exitCode;
    report(error, terminal, wantsJson(args, terminal));
    return signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  }
}
