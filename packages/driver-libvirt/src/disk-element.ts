import type { DiskId } from '@virt-drivers/core';
import { readDisk } from './convert/disk-xml.js';
import { diskElements } from './convert/machine-xml.js';
import type { Element } from './convert/xml.js';

/** Where a machine's document has a disk. */
export const diskElementOf = (document: Element, id: DiskId): Element | undefined =>
  diskElements(document).find((element) => readDisk(element).id === id);
