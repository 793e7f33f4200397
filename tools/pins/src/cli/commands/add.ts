import { addPin } from '../../add.js';
import { parseSpec } from '../../pins-context.js';
import { changePins, subjectOf } from '../../pins-file.js';
import { collect, type RegisterPins } from '../session.js';

interface AddFlags {
  readonly report: readonly string[];
  readonly reason: string;
  readonly commit?: string;
  readonly acceptOrigin?: boolean;
}

export const registerAdd: RegisterPins = (program, { channelOf, context: open, file: path, print, proofs }) => {
  program
    .command('add')
    .description('Pins a published version.')
    .argument('<package@version>')
    .option('--report <file>', 'conformance report of that tarball; may be repeated', collect, [])
    .option('--reason <text>', 'why', 'Approved.')
    .option('--commit <hash>', 'source commit, where provenance does not tell')
    .option('--accept-origin', 'although another workflow built it than the version before')
    .action(async (spec: string, { report, ...rest }: AddFlags) => {
      const request = { ...parseSpec(spec), ...rest, proofs: await proofs(report) };
      const context = await open();
      const add = async (file: Parameters<typeof addPin>[0]) => {
        const added = await addPin(file, { ...request, channel: channelOf(file) }, context);
        return { file: added.file, result: added.pin };
      };
      const pin = await changePins(path(), add, { create: true });
      print(`${subjectOf(pin)} is pinned (${pin.integrity.slice(0, 24)}…).`);
      if (pin.kind === 'driver' && pin.conformance.length === 0) {
        context.note('It has no conformance report, so it cannot be promoted.');
      }
    });
};
