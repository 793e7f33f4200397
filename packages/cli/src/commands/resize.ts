import { DriverError } from '@virt-drivers/core';
import type { ResizeWish } from '@virt-drivers/compute';
import { collect, listFlag, textFlag, type Flags, type Register } from '../command.js';
import { changeFlags, onInstance, showChanged } from '../change-command.js';
import { examples } from '../examples.js';
import { parseSize } from '../parse-size.js';

function wishOf(flags: Flags): ResizeWish {
  const [cpus, memory, disk, swap] = ['cpus', 'memory', 'disk', 'swap'].map((name) => textFlag(flags, name));
  const ephemerals = listFlag(flags, 'ephemeral').map(parseSize);
  const wish: ResizeWish = {
    ...(cpus ? { cpu: { count: Number(cpus) } } : {}),
    ...(memory ? { memory: { sizeBytes: parseSize(memory) } } : {}),
    ...(disk ? { root: parseSize(disk) } : {}),
    ...(ephemerals.length > 0 ? { ephemerals } : {}),
    ...(swap ? { swap: swap === 'none' ? null : parseSize(swap) } : {}),
  };
  if (Object.keys(wish).length > 0) return wish;
  throw new DriverError('REQUEST.INVALID', 'Say what shall change: --cpus, --memory, --disk, --ephemeral, --swap.');
}

/** `virt resize`, with `confirm` and `revert`. */
export const registerResize: Register = (program, attach) => {
  const command = program
    .command('resize')
    .summary('other processors, memory or disk sizes')
    .description('Resizes an instance; its old disks are kept until the resize is confirmed or reverted.')
    .argument('<instance>')
    .option('--cpus <count>')
    .option('--memory <size>')
    .option('--disk <size>', 'root disk; cannot shrink')
    .option('--ephemeral <size>', 'ephemeral disks in their order; may be repeated', collect)
    .option('--swap <size>', 'a new, blank swap disk, or none')
    .addHelpText(
      'after',
      examples('virt resize web --memory 2G --disk 20G', 'virt resize confirm web', 'virt resize revert web'),
    );
  attach(changeFlags(command), (context, [reference = ''], flags) => {
    const wish = wishOf(flags);
    return onInstance(context, reference, flags, async (target) => {
      const changed = await target.compute.resize(target.instanceId, wish, target.options);
      const text = `Instance ${reference} is resized. Look at it, then: virt resize confirm ${reference} (or revert)`;
      await showChanged(context, target, changed, text);
    });
  });
  const ends = [
    ['confirm', 'Ends a resize: the old disks go.', 'confirmResize'],
    ['revert', 'Takes a resize back: the old disks return with what they held.', 'revertResize'],
  ] as const;
  for (const [name, description, member] of ends) {
    const end = command.command(name).description(description).argument('<instance>');
    attach(changeFlags(end), (context, [reference = ''], flags) =>
      onInstance(context, reference, flags, async (target) => {
        const changed = await target.compute[member](target.instanceId, target.options);
        await showChanged(context, target, changed, `Resize of instance ${reference}: ${name} is done.`);
      }),
    );
  }
};
