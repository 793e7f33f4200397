import type { DiskFormat, Pool } from '@virt-drivers/core';

/** The first of these formats that the pool has; undefined for its preferred one, where it has none of them. */
export const formatAmong = ({ formats }: Pool, ...wanted: readonly DiskFormat[]): DiskFormat | undefined =>
  wanted.find((format) => formats.includes(format));
