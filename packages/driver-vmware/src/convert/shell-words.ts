import { DriverError } from '@virt-drivers/core';

/** Where a program's streams go, as paths in the guest. */
export interface Redirections {
  readonly input?: string;
  readonly output: string;
  readonly errors: string;
}

/**
 * The argument text of a program in a Linux guest. VMware Tools hand it to the guest's shell: vSphere API reference,
 * GuestProgramSpec.arguments. Each argument stands in single quotes, in which a POSIX shell changes nothing.
 */
export const argumentText = (args: readonly string[], { input, output, errors }: Redirections): string =>
  [...args.map(quoted), `<${quoted(input ?? '/dev/null')}`, `>${quoted(output)}`, `2>${quoted(errors)}`].join(' ');

const quoted = (word: string): string => `'${word.replace(/'/g, `'\\''`)}'`;

/** Tools put the program's path in double quotes themselves, in which a shell replaces these. */
const UNSAFE_PATH = /["$`\\!\p{Cc}]/u;

/** Refuses what cannot be said to a guest exactly. Errors: `REQUEST.INVALID`. */
export function checkCommand(path: string, args: readonly string[]): void {
  if (UNSAFE_PATH.test(path))
    throw new DriverError(
      'REQUEST.INVALID',
      `Program ${JSON.stringify(path)} has characters that a shell would replace.`,
    );
  if (args.some((argument) => argument.includes('\0')))
    throw new DriverError('REQUEST.INVALID', `Program ${path} cannot get an argument with a zero character.`);
}
