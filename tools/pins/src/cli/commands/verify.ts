import { proveConformance, type Targets } from '../../conformance.js';
import { findSuite } from '../../find-suite.js';
import { readPins } from '../../pins-file.js';
import { exitCodeOf, failure } from '../../problem.js';
import { verifyPins } from '../../verify.js';
import { collect, type RegisterPins } from '../session.js';

function targetsOf(pairs: readonly string[]): Targets {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw failure('usage', pair, `Endpoint "${pair}" must look like @virt-drivers/driver-libvirt=qemu:///system.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

interface VerifyFlags {
  readonly conformance: boolean;
  readonly endpoint: readonly string[];
}

export const registerVerify: RegisterPins = (
  program,
  { channelOf, complain, context: open, end, file: path, print },
) => {
  program
    .command('verify')
    .description('Checks what is pinned against the registry and against each other, and proves it again.')
    .option('--no-conformance', 'do not run the conformance suite')
    .option('--endpoint <package=uri>', 'endpoint to prove a driver on; may be repeated', collect, [])
    .action(async ({ conformance, endpoint }: VerifyFlags) => {
      const targets = targetsOf(endpoint);
      const file = await readPins(path());
      const context = await open();
      const channel = channelOf(file);
      const verified = await verifyPins(file, channel, context);
      const problems = verified.flatMap((each) => each.problems);
      const proven = verified.flatMap(({ pin, tarball }) => (tarball === undefined ? [] : [{ pin, tarball }]));
      // Running what is not what was approved would prove nothing, and might do harm.
      const runs = conformance && problems.length === 0;
      const suite = runs ? await findSuite(file, channel, context) : undefined;
      const all = runs ? await proveConformance(suite ? [...proven, suite] : proven, targets, context) : problems;
      complain(all);
      const verdict = all.length === 0 ? 'good' : `${all.length} problem(s)`;
      print(`${verified.length} pin(s) in ${channel}: ${verdict}.${runs ? '' : ' Conformance was not run.'}`);
      end(exitCodeOf(all));
    });
};
