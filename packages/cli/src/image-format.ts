import { DriverError } from '@virt-drivers/core';
import type { AdmissibleFormat } from '@virt-drivers/compute';

/** The format that a person gave, or that the file's name says; never one that was guessed from content. */
export function formatOf(path: string, flag: string | undefined): AdmissibleFormat {
  const format = flag ?? /\.(raw|img|qcow2|iso|vmdk|ova)$/.exec(path)?.[1]?.replace('img', 'raw');
  // The gate refuses formats that it does not know, so any text may go on.
  if (format !== undefined) return format as AdmissibleFormat;
  const text = `Image ${path}: its name does not say its format. Give --format raw or --format qcow2; formats are never guessed from content.`;
  throw new DriverError('REQUEST.INVALID', text);
}
