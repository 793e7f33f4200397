import type { Narrowing } from '@virt-drivers/core';
import type { Endpoint } from './endpoint.js';
import type { CheckedOptions } from './options.js';

/** What the manifest has and this endpoint has not, as far as its options and its kind say. */
export const narrowings = (
  { serialPorts }: CheckedOptions,
  { isCenter }: Pick<Endpoint, 'isCenter'>,
): readonly Narrowing[] => [
  ...(serialPorts ? [] : [{ capability: 'consoles.serial', reason: NO_PORTS } as const]),
  ...(isCenter ? [] : OF_CENTERS),
];

const NO_PORTS = 'Machines have no serial ports unless the option serialPorts names ports of their hosts.';

/** What only a vCenter does. vSphere API reference, ServiceContent: the managers that a host's agent has not. */
const OF_CENTERS: readonly Narrowing[] = [
  { capability: 'migration', reason: 'A single ESXi host moves no machines; open the vCenter that it belongs to.' },
  {
    capability: 'maintenance.evacuate',
    reason: 'A single ESXi host knows no other to move its machines to; open the vCenter that it belongs to.',
  },
  {
    capability: 'encryption',
    reason: 'Keys of virtual TPMs come from a provider of a vCenter; open the one that the host belongs to.',
  },
];
