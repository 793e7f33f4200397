import type { Narrowing } from '@virt-drivers/core';
import type { CheckedOptions } from './options.js';

/** What the manifest has and this endpoint has not, as far as its options say. */
export const narrowings = ({ serialPorts }: CheckedOptions): readonly Narrowing[] =>
  serialPorts ? [] : [{ capability: 'consoles.serial', reason: NO_PORTS }];

const NO_PORTS = 'Machines have no serial ports unless the option serialPorts names ports of their hosts.';
