import { explainPackage } from '../../explain.js';
import { readPins, subjectOf } from '../../pins-file.js';
import type { RegisterPins } from '../session.js';

export const registerShow: RegisterPins = (program, { file: path, print }) => {
  program
    .command('list')
    .description('Lists what is pinned and blocked.')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { pins, blocks } = await readPins(path());
      if (json) return print(JSON.stringify({ pins, blocks }, null, 2));
      for (const pin of pins) {
        print(`${pin.state.padEnd(8)}  ${subjectOf(pin)}  ${Object.keys(pin.channels).join(', ')}  ${pin.reason}`);
      }
      for (const { package: name, range, reason } of blocks) print(`block     ${name} ${range}  ${reason}`);
    });
  program
    .command('explain')
    .description('Everything that is known about a package, and why.')
    .argument('<package>')
    .action(async (name: string) => explainPackage(await readPins(path()), name).forEach(print));
};
