import { resolve } from 'node:path';
import type { Command } from 'commander';
import { entryChannel } from '../channel.js';
import { readProof, type Proof } from '../conformance-report.js';
import type { PinsContext } from '../pins-context.js';
import type { PinsFile } from '../pins-schema.js';
import type { Problem } from '../problem.js';
import type { PinsTerminal } from './run-pins.js';
import { contextOf, type CommonFlags } from './settings.js';

/** What one command line works with. */
export interface Session {
  /** Path of the pins.json. */
  file(): string;
  channelOf(file: PinsFile): string;
  /** `local` is for commands that ask no registry. */
  context(options?: { readonly local?: boolean }): Promise<PinsContext>;
  proofs(reports: readonly string[]): Promise<readonly Proof[]>;
  print(line: string): void;
  complain(problems: readonly Problem[]): void;
  /** How the command line ends; 0 unless said. */
  end(exitCode: number): void;
}

/** Adds a command to the program. One per file in commands/. */
export type RegisterPins = (program: Command, session: Session) => void;

/** For commander: collects repeated options. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Makes one. `common` is asked when a command runs. */
export function createSession(
  common: () => CommonFlags,
  terminal: PinsTerminal,
  signal: AbortSignal | undefined,
  end: (exitCode: number) => void,
): Session {
  return {
    file: () => common().file,
    channelOf: (file) => common().channel ?? entryChannel(file),
    context: ({ local = false } = {}) => contextOf(local ? { ...common(), offline: true } : common(), terminal, signal),
    proofs: (reports) => Promise.all(reports.map((report) => readProof(resolve(terminal.cwd, report)))),
    print: (line) => void terminal.stdout.write(`${line}\n`),
    complain: (problems) => {
      for (const { kind, message } of problems) terminal.stderr.write(`${kind}: ${message}\n`);
    },
    end,
  };
}
