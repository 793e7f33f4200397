import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { DriverError } from '@virt-drivers/core';
import type { Command } from 'commander';
import { textFlag, type Attach } from '../command.js';
import { changeFlags, onInstance, showPlan } from '../change-command.js';
import { examples } from '../examples.js';
import { resolvePool } from '../machine-reference.js';

/** `virt image create`. */
export function registerImageCreate(group: Command, attach: Attach): void {
  const command = group
    .command('create')
    .description(
      "Makes an image of an instance's root disk: a file here, or a volume there. A running guest pauses for it.",
    )
    .argument('<instance>')
    .option('--to <file>', 'a new file, raw')
    .option('--volume <name>', 'a new volume; no byte passes through here')
    .option('--pool <name>', 'where the volume goes')
    .option('--quiesce', 'bring the guest to rest first (needs its helper)')
    .addHelpText(
      'after',
      examples('virt image create web --to web.raw', 'virt image create web --volume golden --quiesce'),
    );
  attach(changeFlags(command), (context, [reference = ''], flags) => {
    const [file, name, wanted] = [textFlag(flags, 'to'), textFlag(flags, 'volume'), textFlag(flags, 'pool')];
    if ((file === undefined) === (name === undefined))
      throw new DriverError('REQUEST.INVALID', 'Say where the image goes: --to FILE or --volume NAME.');
    return onInstance(context, reference, flags, async ({ compute, driver, instanceId, options }) => {
      const how = { ...options, quiesce: flags['quiesce'] === true };
      if (file !== undefined) {
        const plan = await compute.saveImage(instanceId, ({ content }) => writeNew(file, content), how);
        if (options.dryRun) return showPlan(context, plan);
        return context.output.done(`Image of instance ${reference} is in ${file}.`, {
          instanceId,
          file,
          format: 'raw',
        });
      }
      const pool = wanted === undefined ? {} : { pool: (await resolvePool(driver, wanted, context.call)).id };
      const made = await compute.createImage(instanceId, { name: name ?? '', ...pool }, how);
      if (options.dryRun) return showPlan(context, made.plan);
      return context.output.done(`Image of instance ${reference} is volume ${name}.`, made.volume);
    });
  });
}

/** Writes a file that must not be there yet; after a failure there is none. */
async function writeNew(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  let opened = false;
  file.once('open', () => (opened = true));
  try {
    await pipeline(content, file);
  } catch (error) {
    if (opened) await rm(path, { force: true });
    throw error;
  }
}
