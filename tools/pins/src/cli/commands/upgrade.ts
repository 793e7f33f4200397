import { pinsIn } from '../../channel.js';
import { changePins } from '../../pins-file.js';
import type { PinsFile } from '../../pins-schema.js';
import { upgradePin, type Upgrade } from '../../upgrade.js';
import { collect, type RegisterPins } from '../session.js';

interface UpgradeFlags {
  readonly report: readonly string[];
  readonly reason?: string;
  readonly prerelease?: boolean;
  readonly acceptOrigin?: boolean;
}

const linesOf = ({ before, after, api, rows }: Upgrade): readonly string[] => [
  `${before.package} ${before.version} → ${after.version} (${after.conformance.length === 0 ? 'not proven yet' : 'proven'})`,
  rows.length === 0 ? 'Support matrix: no row changed.' : 'Support matrix:',
  ...rows.map((row) => `  ${row}`),
  api === '' ? 'API: unchanged.' : `API:\n${api}`,
];

export const registerUpgrade: RegisterPins = (program, { channelOf, context: open, file: path, print, proofs }) => {
  const upgradeAll = async (before: PinsFile, names: readonly string[], { report, ...rest }: UpgradeFlags) => {
    const [context, given, channel] = [await open(), await proofs(report), channelOf(before)];
    const chosen = names.length > 0 ? names : pinsIn(before, channel).map((pin) => pin.package);
    const result: Upgrade[] = [];
    let file = before;
    for (const name of chosen) {
      const own = given.filter(({ driver }) => driver.name === name);
      const done = await upgradePin(file, { ...rest, name, channel, proofs: own }, context);
      file = done.file;
      if (done.upgrade === undefined) context.note(`${name}: nothing newer fits.`);
      else result.push(done.upgrade);
    }
    return { file, result };
  };
  program
    .command('upgrade')
    .description('Pins the newest version that fits, and says what it changes.')
    .argument('[packages...]', 'default: everything that is pinned in the channel')
    .option('--report <file>', 'conformance report of the new tarball; may be repeated', collect, [])
    .option('--reason <text>', 'why')
    .option('--prerelease', 'consider prereleases too')
    .option('--accept-origin', 'although another workflow built it than the version before')
    .action(async (names: string[], flags: UpgradeFlags) => {
      const upgrades = await changePins(path(), (before) => upgradeAll(before, names, flags));
      for (const upgrade of upgrades) linesOf(upgrade).forEach(print);
    });
};
