import type { Register } from '../command.js';
import { changeFlags, onInstance, showChanged } from '../change-command.js';
import { imageFlags, neededImage, openGate } from '../image-flags.js';

/** `virt rescue` and `virt unrescue`. */
export const registerRescue: Register = (program, attach) => {
  const rescue = program
    .command('rescue')
    .summary('start an instance from a rescue image')
    .description(
      "Starts an instance from a disk made of a rescue image, its own disks behind that one. See 'unrescue'.",
    )
    .argument('<instance>');
  attach(changeFlags(imageFlags(rescue, 'rescue image')), async (context, [reference = ''], flags) => {
    const image = await neededImage(flags);
    await onInstance(
      context,
      reference,
      flags,
      async (target) => {
        const changed = await target.compute.rescue(target.instanceId, { image }, target.options);
        await showChanged(context, target, changed, `Instance ${reference} runs from its rescue disk.`);
      },
      await openGate(context),
    );
  });
  const unrescue = program
    .command('unrescue')
    .summary('start a rescued instance from its own disks')
    .description('Starts a rescued instance from its own disks again; the rescue disk goes.')
    .argument('<instance>');
  attach(changeFlags(unrescue), (context, [reference = ''], flags) =>
    onInstance(context, reference, flags, async (target) => {
      const changed = await target.compute.unrescue(target.instanceId, target.options);
      await showChanged(context, target, changed, `Instance ${reference} runs from its own disks.`);
    }),
  );
};
