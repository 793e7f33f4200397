import type { Register } from '../command.js';
import { Ended } from '../exit-codes.js';

export const registerPins: Register = (program, attach) => {
  const command = program
    .command('pins')
    .summary('which driver versions are approved, with proof')
    .description('add, verify, upgrade, block, promote, list, explain; see virt pins --help.')
    .argument('[arguments...]')
    // The words after it belong to the pins package, which also has its own help and exit codes.
    .helpOption(false)
    .allowUnknownOption();
  attach(command, async ({ call, terminal }) => {
    // Loaded here because no other command needs it.
    const { runPins } = await import('@virt-drivers/pins');
    const exitCode = await runPins(command.args, terminal, call.signal);
    if (exitCode !== 0) throw new Ended(exitCode);
  });
};
