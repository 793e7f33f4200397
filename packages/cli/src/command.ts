import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';

/** What a command's own flags and arguments are: texts, lists of texts, or switches. */
export type Flags = Readonly<Record<string, unknown>>;

/** Gives a command its body. `body` gets the arguments in order, then the flags. */
export type Attach = (
  command: Command,
  body: (context: CommandContext, args: readonly string[], flags: Flags) => Promise<void>,
) => void;

/** Adds commands to the program. One per file in commands/. */
export type Register = (program: Command, attach: Attach) => void;

/** A flag that is a text, if it was given. */
export const textFlag = (flags: Flags, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};

/** A flag that may be given several times. */
export const listFlag = (flags: Flags, name: string): readonly string[] => {
  const value = flags[name];
  return Array.isArray(value) ? value.map(String) : [];
};

/** For commander: collects repeated flags. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
