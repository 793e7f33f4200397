import { Command, Option } from 'commander';
import { SUITE_VERSION } from '../suite-version.js';
import { EXIT } from './fail.js';
import { matrixCommand, type MatrixFlags } from './matrix-command.js';
import { runCommand, type RunFlags } from './run-command.js';

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const EXAMPLES = `
Examples:
  virt-conformance --driver @virt-drivers/driver-memory --target memory://demo --tier memory
  virt-conformance --driver @example/driver-mine --target mine://host --known-gaps test/known-gaps.json --report out.json
  virt-conformance matrix reports/*.json --output docs/support-matrix.md

Exit codes: ${EXIT.good} good, ${EXIT.failed} a case failed, ${EXIT.usage} wrong use, ${EXIT.unavailable} driver or endpoint not available.`;

function addRun(program: Command, print: (line: string) => void, exit: (code: number) => void): void {
  program
    .command('run', { isDefault: true })
    .description('Runs the cases on an endpoint (the default).')
    .requiredOption('--driver <package>', 'package name of the driver')
    .requiredOption('--target <uri>', 'endpoint to open')
    .option('--option <key=value>', 'option of the driver; may be repeated', collect, [])
    .option('--options-file <file>', 'JSON file with options of the driver; {"$secret": "text"} is a secret')
    .option('--guest-image <file>', 'disk of the test guest (qcow2 or raw), or the manifest.json of a built one')
    .option('--pool <name>', 'pool for volumes; default: the first that is ready')
    .option('--network <name>', 'network for nics; default: the first')
    .option('--destination <uri>', 'another endpoint of the same driver to move machines to')
    .option(
      '--remotes <file>',
      'JSON file with two equally large volumes of other systems; secrets as in --options-file',
    )
    .option('--simulator <name>', 'name and version of what answers in place of the product')
    .option('--known-gaps <file>', 'JSON list of cases that are known to fail, each with reason and until')
    .addOption(
      new Option('--tier <tier>', 'how real the endpoint is').choices(['memory', 'peer', 'live']).default('peer'),
    )
    .option(
      '--only <id-prefix>',
      'only cases whose id starts so; may be repeated; the report is marked as partial',
      collect,
      [],
    )
    .option('--report <file>', 'write a report, as JSON')
    .action(async (flags: RunFlags) => exit(await runCommand(flags, print)));
}

/** The command line of this package. */
export function createProgram(print: (line: string) => void, exit: (code: number) => void): Command {
  const program = new Command('virt-conformance')
    .description('Runs the cases that define what a working driver is.')
    .version(SUITE_VERSION)
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  addRun(program, print, exit);
  program
    .command('matrix')
    .description('Writes the support matrix of some reports.')
    .argument('<reports...>', 'reports of runs, as JSON')
    .option('--output <file>', 'file to write; default: standard output')
    .option('--check', 'do not write; fail when the file differs')
    .action(async (files: string[], flags: MatrixFlags) => exit(await matrixCommand(files, flags, print)));
  return program;
}
