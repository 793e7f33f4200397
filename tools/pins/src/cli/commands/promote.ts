import { changePins, subjectOf } from '../../pins-file.js';
import { promotePin } from '../../promote.js';
import type { RegisterPins } from '../session.js';

export const registerPromote: RegisterPins = (program, { context: open, file: path, print }) => {
  program
    .command('promote')
    .description('Moves pins on to a channel, after age and evidence.')
    .argument('<packages...>', 'all or none of them')
    .requiredOption('--to <channel>', 'where to')
    .action(async (names: string[], { to }: { readonly to: string }) => {
      const context = await open({ local: true });
      const pins = await changePins(path(), async (before) => {
        let file = before;
        const result = names.map((name) => {
          const promoted = promotePin(file, name, to, context);
          file = promoted.file;
          return promoted.pin;
        });
        return { file, result };
      });
      for (const pin of pins) print(`${subjectOf(pin)} is in ${to}.`);
    });
};
