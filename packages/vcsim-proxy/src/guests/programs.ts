import type { SimulatedGuest } from './guest.js';

/** What a program came to. */
export interface Ended {
  readonly exitCode: number;
  readonly output?: string | Buffer;
  readonly errors?: string;
}

/** What a program gets. */
export interface Started {
  readonly guest: SimulatedGuest;
  readonly args: readonly string[];
  readonly input: Buffer;
}

type Program = (started: Started) => Ended;

/** The programs that the made-up guest has, by their paths. */
export const programs: Readonly<Record<string, Program>> = {
  '/bin/true': () => ({ exitCode: 0 }),
  '/bin/false': () => ({ exitCode: 1 }),
  '/bin/echo': ({ args }) => ({ exitCode: 0, output: `${args.join(' ')}\n` }),
  '/bin/cat': ({ input }) => ({ exitCode: 0, output: input }),
  // Each argument in a line of its own and in brackets, so that a test sees where they begin and end.
  '/bin/arguments': ({ args }) => ({ exitCode: 0, output: args.map((one) => `[${one}]\n`).join('') }),
  '/usr/sbin/chpasswd': changePasswords,
};

function changePasswords({ guest, input }: Started): Ended {
  const lines = input
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    const [user = '', ...password] = line.split(':');
    if (!guest.accounts.has(user)) return { exitCode: 1, errors: `chpasswd: line 1: user '${user}' does not exist\n` };
    guest.accounts.set(user, password.join(':'));
  }
  return { exitCode: 0 };
}
