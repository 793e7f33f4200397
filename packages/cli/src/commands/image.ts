import { basename } from 'node:path';
import {
  DriverError,
  type CachedImage,
  type CallOptions,
  type Images,
  type OpenDriver,
  type Pool,
} from '@virt-drivers/core';
import { textFlag, type Register } from '../command.js';
import { formatOf } from '../image-format.js';
import { examples } from '../examples.js';
import { resolvePool } from '../machine-reference.js';
import { registerImageCreate } from './image-create.js';
import { inspectFile, inspectPackage } from '../inspect-package.js';
import { humanBytes } from '../output/human.js';

function imagesOf(driver: OpenDriver): Images {
  if (driver.images) return driver.images;
  throw new DriverError('CAPABILITY.ABSENT', 'This endpoint keeps no images. See why with: virt drivers --endpoint');
}

async function cachedImages(
  driver: OpenDriver,
  pools: readonly Pool[],
  call: CallOptions,
): Promise<readonly { pool: Pool; image: CachedImage }[]> {
  const images = imagesOf(driver);
  const lists = await Promise.all(
    pools.map(async (pool) => (await images.list(pool.id, call).all()).map((image) => ({ pool, image }))),
  );
  return lists.flat();
}

export const registerImage: Register = (program, attach) => {
  const group = program
    .command('image')
    .summary('images: inspect files, look at what is cached')
    .description('Inspects image files and shows what endpoints keep of them.')
    .addHelpText(
      'after',
      examples(
        'virt image inspect debian.qcow2',
        'virt image inspect download.bin --format raw',
        'virt image inspect appliance.ova',
        'virt image remove --unused',
      ),
    );
  attach(
    group
      .command('inspect')
      .description('Looks into an image file as the gate does. Ends with 7 when the gate would refuse it.')
      .argument('<file>')
      .option('--format <format>', "what it is said to be; default: by its name's ending"),
    async ({ output, call }, [path = ''], flags) => {
      const { inspectImage, refusal } = await import('@virt-drivers/compute');
      const format = formatOf(path, textFlag(flags, 'format'));
      if (format === 'ova') return inspectPackage(path, output, call);
      const found = await inspectFile(path, inspectImage);
      const verdict = refusal(basename(path), found, { format });
      const rows = [
        ['format', found.format],
        ['disk size', humanBytes(found.virtualSizeBytes)],
        ['file size', humanBytes(found.sizeBytes)],
        ['partition table', found.partitionTable],
        ['backing file', found.backingFile],
        ['data file', found.dataFile],
        ['encryption', found.encryption],
        ['features', found.features.join(', ')],
        ...found.problems.map(({ kind, message }) => [kind, message] as const),
        ['verdict', verdict ? 'refused' : 'admitted'],
      ] as const;
      await output.detail(rows, { ...found, verdict: verdict ? 'refused' : 'admitted' });
      if (verdict) throw verdict;
      return undefined;
    },
  );
  attach(
    group.command('list').description('Lists the images that the endpoint keeps.').option('--pool <name>'),
    ({ call, output, settings, withDriver }, _, flags) =>
      withDriver(async (driver) => {
        const wanted = textFlag(flags, 'pool') ?? settings.pool;
        const pools =
          wanted === undefined ? await driver.volumes.pools(call).all() : [await resolvePool(driver, wanted, call)];
        const all = await cachedImages(driver, pools, call);
        const rows = all.map(({ pool, image }) => [
          pool.name,
          `${image.checksum.algorithm}:${image.checksum.hex}`,
          image.format,
          humanBytes(image.virtualSizeBytes),
          image.users,
        ]);
        await output.table(
          ['POOL', 'CHECKSUM', 'FORMAT', 'SIZE', 'USERS'],
          rows,
          all.map(({ image }) => image),
        );
      }),
  );
  attach(
    group
      .command('remove')
      .description('Removes kept images that nothing uses: one, or all with --unused.')
      .argument('[checksum]', 'as listed')
      .option('--unused'),
    ({ call, output, withDriver }, [checksum = ''], { unused }) =>
      withDriver(async (driver) => {
        if ((checksum === '') === (unused !== true))
          throw new DriverError('REQUEST.INVALID', 'Say which image to remove, or --unused for all that nothing uses.');
        const all = await cachedImages(driver, await driver.volumes.pools(call).all(), call);
        const chosen = all.filter(({ image }) =>
          unused ? image.users === 0 : `${image.checksum.algorithm}:${image.checksum.hex}` === checksum,
        );
        if (chosen.length === 0 && !unused)
          throw new DriverError(
            'IMAGE.NOT_FOUND',
            `Image ${checksum} is not kept here. See what is with: virt image list`,
          );
        for (const { pool, image } of chosen) await imagesOf(driver).remove(pool.id, image.checksum, call);
        output.done(
          `${chosen.length} images are removed.`,
          chosen.map(({ image }) => image),
        );
      }),
  );
  registerImageCreate(group, attach);
};
