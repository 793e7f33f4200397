import { poolId } from '@virt-drivers/core';
import type { Command } from 'commander';
import { textFlag, type Attach } from '../command.js';
import { changeFlags, onInstance, showChanged } from '../change-command.js';
import { formatFlag } from '../disk-format-flag.js';
import { resolvePool, resolveVolume } from '../machine-reference.js';
import { parseSize } from '../parse-size.js';

/** `virt volume extend` and `virt volume swap`. */
export function registerVolumeChanges(group: Command, attach: Attach): void {
  const extend = group
    .command('extend')
    .description('Grows a disk of an instance, also while it runs.')
    .argument('<instance>')
    .argument('<volume>', 'pool/name, or a name in the default pool')
    .argument('<size>');
  attach(changeFlags(extend), (context, [reference = '', volume = '', size = ''], flags) =>
    onInstance(context, reference, flags, async (target) => {
      const id = await resolveVolume(target.driver, volume, context.settings.pool, context.call);
      const changed = await target.compute.extendVolume(target.instanceId, id, parseSize(size), target.options);
      await showChanged(context, target, changed, `Volume ${volume} has ${size}.`);
    }),
  );
  const swap = group
    .command('swap')
    .description('Moves what a disk of an instance holds to a new volume, elsewhere or in another format.')
    .argument('<instance>')
    .argument('<volume>', 'pool/name, or a name in the default pool')
    .option('--pool <name>', 'where the new volume goes')
    .option('--format <format>')
    .option('--name <name>', "its name; needed when the old one is not the instance's own");
  attach(changeFlags(swap), (context, [reference = '', volume = ''], flags) =>
    onInstance(context, reference, flags, async (target) => {
      const id = await resolveVolume(target.driver, volume, context.settings.pool, context.call);
      const wanted = textFlag(flags, 'pool');
      const pool = wanted === undefined ? id.pool : (await resolvePool(target.driver, wanted, context.call)).id;
      const name = textFlag(flags, 'name');
      const wish = {
        pool: poolId(pool),
        ...formatFlag(textFlag(flags, 'format')),
        ...(name ? { name } : {}),
      };
      const changed = await target.compute.swapVolume(target.instanceId, id, wish, target.options);
      await showChanged(
        context,
        target,
        changed,
        `Instance ${reference} has what volume ${volume} held in a new volume.`,
      );
    }),
  );
}
