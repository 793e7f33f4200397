import { blockVersions } from '../../block.js';
import { parseSpec } from '../../pins-context.js';
import { changePins, subjectOf } from '../../pins-file.js';
import type { PinsFile } from '../../pins-schema.js';
import type { RegisterPins } from '../session.js';

export const registerBlock: RegisterPins = (program, { context: open, file: path, print }) => {
  program
    .command('block')
    .description('Forbids versions, pinned or not.')
    .argument('<package@range>')
    .requiredOption('--reason <text>', 'why; the loader says it')
    .option('--fixed-in <version>', 'the version to use instead')
    .action(async (spec: string, flags: { readonly reason: string; readonly fixedIn?: string }) => {
      const { name, version: range } = parseSpec(spec);
      const context = await open({ local: true });
      const block = async (file: PinsFile) => {
        const blocked = blockVersions(file, { name, range, ...flags }, context);
        return { file: blocked.file, result: blocked.hit };
      };
      const hit = await changePins(path(), block, { create: true });
      const refused = hit.map(subjectOf).join(', ');
      print(
        `${name} ${range} is blocked. ${refused === '' ? 'No pin is in that range.' : `Pinned and now refused: ${refused}.`}`,
      );
    });
};
