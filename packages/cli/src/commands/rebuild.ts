import type { Register } from '../command.js';
import { changeFlags, onInstance, showChanged } from '../change-command.js';
import { imageFlags, neededImage, openGate } from '../image-flags.js';

/** `virt rebuild`. */
export const registerRebuild: Register = (program, attach) => {
  const command = program
    .command('rebuild')
    .summary('give an instance a new root disk')
    .description(
      'Replaces the root disk by a new image; ephemeral and swap disks are blank then, attached volumes stay.',
    )
    .argument('<instance>')
    .option('--keep-ephemerals', 'leave ephemeral and swap disks as they are');
  attach(changeFlags(imageFlags(command, 'image file')), async (context, [reference = ''], flags) => {
    const image = await neededImage(flags);
    const keepEphemerals = flags['keepEphemerals'] === true;
    await onInstance(
      context,
      reference,
      flags,
      async (target) => {
        const changed = await target.compute.rebuild(target.instanceId, { image, keepEphemerals }, target.options);
        await showChanged(context, target, changed, `Instance ${reference} is rebuilt.`);
      },
      await openGate(context),
    );
  });
};
