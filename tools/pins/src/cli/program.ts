import { resolve } from 'node:path';
import { Command } from 'commander';
import { registerAdd } from './commands/add.js';
import { registerBlock } from './commands/block.js';
import { registerPromote } from './commands/promote.js';
import { registerShow } from './commands/show.js';
import { registerUpgrade } from './commands/upgrade.js';
import { registerVerify } from './commands/verify.js';
import type { PinsTerminal } from './run-pins.js';
import { createSession } from './session.js';

const EXAMPLES = `
Examples:
  virt pins add @virt-drivers/driver-libvirt@0.3.1 --report conformance.json --reason "Release 0.3"
  virt pins verify --channel stable             bytes, ranges, blocks, deprecation, then conformance from the tarballs
  virt pins upgrade @virt-drivers/driver-libvirt        the newest that fits, and what it changes
  virt pins block "@virt-drivers/driver-libvirt@>=0.3.0 <0.3.2" --reason "Loses writes." --fixed-in 0.3.2
  virt pins promote @virt-drivers/driver-libvirt --to stable

Exit codes: 0 good, 1 failed, 2 usage, 3 pins.json is wrong, 4 no registry, 10 missing, 11 altered, 12 blocked, 13 deprecated,
14 core out of range, 15 wrong contract, 16 conformance failed, 17 conformance not run, 18 other origin, 19 not a package,
20 no evidence, 21 too young, 22 not pinned, 23 no core, 24 pinned already.`;

const COMMANDS = [registerAdd, registerVerify, registerUpgrade, registerBlock, registerPromote, registerShow];

function prepare(command: Command, { stdout, stderr }: PinsTerminal): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) });
  for (const inner of command.commands) prepare(inner, { stdout, stderr, env: {}, cwd: '' });
}

/** The command line. `run` throws `PinsError` and commander's own errors. */
export function createPinsProgram(
  terminal: PinsTerminal,
  signal: AbortSignal | undefined,
): { run(args: readonly string[]): Promise<number> } {
  const program = new Command('virt pins')
    .description('Which version of which driver is approved, with proof.')
    .option('--file <path>', 'the list of pins', 'pins.json')
    .option('--channel <name>', 'channel to work on; default: the one that pins are added to')
    .option('--registry <url>', 'registry; default: what npm is configured for')
    .option('--cache <folder>', 'cache of tarballs')
    .option('--offline', 'ask no registry, only the cache')
    .option('--token-env <name>', 'environment variable that holds the token for the registry')
    .option('--by <who>', 'who does it; default: the user')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(see --help)');
  let code = 0;
  const flags = () => {
    const { file = 'pins.json', ...rest } = program.opts<{ file?: string }>();
    return { ...rest, file: resolve(terminal.cwd, file) };
  };
  const session = createSession(flags, terminal, signal, (ended) => (code = ended));
  for (const register of COMMANDS) register(program, session);
  prepare(program, terminal);
  return {
    async run(args) {
      await program.parseAsync([...args], { from: 'user' });
      return code;
    },
  };
}
