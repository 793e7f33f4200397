import type { DiskFormat, ImageSource, Pool } from '@virt-drivers/core';

/**
 * The form in which a pool keeps a disc: `iso` where it knows that word, else the same bytes as `raw`, else what it
 * prefers (then the driver has to convert).
 */
export function discFormat({ formats }: Pick<Pool, 'formats'>): DiskFormat | undefined {
  return (['iso', 'raw'] as const).find((format) => formats.includes(format));
}

/** The same bytes under the name that the pool knows: a disc is its own raw image. */
export const asFormat = (disc: ImageSource, format: DiskFormat | undefined): ImageSource => ({
  ...disc,
  format: format === 'iso' ? 'iso' : 'raw',
});
