import { resolve } from 'node:path';
import { Command } from 'commander';
import { createPins, type PinsCommands } from './commands.js';
import type { PinsTerminal } from './run-pins.js';

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

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function addCommands(program: Command, pins: PinsCommands, end: (code: number) => void): void {
  const command = (usage: string, description: string): Command => program.command(usage).description(description);
  command('add', 'Pins a published version.')
    .argument('<package@version>')
    .option('--report <file>', 'conformance report of that tarball; may be repeated', collect, [])
    .option('--reason <text>', 'why', 'Approved.')
    .option('--commit <hash>', 'source commit, where provenance does not tell')
    .option('--accept-origin', 'although another workflow built it than the version before')
    .action(async (spec: string, flags) => end(await pins.add(spec, flags)));
  command('verify', 'Checks what is pinned against the registry and against each other, and proves it again.')
    .option('--no-conformance', 'do not run the conformance suite')
    .option('--endpoint <package=uri>', 'endpoint to prove a driver on; may be repeated', collect, [])
    .action(async (flags) => end(await pins.verify(flags)));
  command('upgrade', 'Pins the newest version that fits, and says what it changes.')
    .argument('[packages...]', 'default: everything that is pinned in the channel')
    .option('--report <file>', 'conformance report of the new tarball; may be repeated', collect, [])
    .option('--reason <text>', 'why')
    .option('--prerelease', 'consider prereleases too')
    .option('--accept-origin', 'although another workflow built it than the version before')
    .action(async (names: string[], flags) => end(await pins.upgrade(names, flags)));
  command('block', 'Forbids versions, pinned or not.')
    .argument('<package@range>')
    .requiredOption('--reason <text>', 'why; the loader says it')
    .option('--fixed-in <version>', 'the version to use instead')
    .action(async (spec: string, flags) => end(await pins.block(spec, flags)));
  command('promote', 'Moves pins on to a channel, after age and evidence.')
    .argument('<package>')
    .requiredOption('--to <channel>', 'where to')
    .action(async (name: string, flags) => end(await pins.promote(name, flags)));
  command('list', 'Lists what is pinned and blocked.')
    .option('--json', 'print JSON')
    .action(async (flags) => end(await pins.list(flags)));
  command('explain', 'Everything that is known about a package, and why.')
    .argument('<package>')
    .action(async (name: string) => end(await pins.explain(name)));
}

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
  addCommands(program, createPins(flags, terminal, signal), (ended) => (code = ended));
  prepare(program, terminal);
  return {
    async run(args) {
      await program.parseAsync([...args], { from: 'user' });
      return code;
    },
  };
}
