import type { DiskFormat } from '@virt-drivers/core';

/** The format of a volume that a person asks for. */
export const formatFlag = (text: string | undefined): { format?: DiskFormat } =>
  // Which formats a pool takes is the pool's to say, so any text goes through to the contract's own check.
  text === undefined ? {} : { format: text as DiskFormat };
