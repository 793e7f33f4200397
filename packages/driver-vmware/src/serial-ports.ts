import { DriverError, type CallOptions, type MachineSpec } from '@virt-drivers/core';
import type { VirtualDeviceConfigSpec } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';
import { newSerialPort, serialPortOf } from './convert/serial-port.js';
import type { Inventory } from './inventory.js';
import { listingSources } from './listing-sources.js';
import type { CheckedOptions } from './options.js';

/** Ports of hosts, one for the serial port of each machine. */
export interface SerialPorts {
  /**
   * Runs `work` with the serial port that a new machine gets: none where the spec or the options want none.
   * Errors: `HOST.NOT_ENOUGH_RESOURCES` when all ports are taken.
   */
  with<T>(
    spec: Pick<MachineSpec, 'name' | 'serialPort'>,
    options: CallOptions,
    work: (changes: readonly VirtualDeviceConfigSpec[]) => Promise<T>,
  ): Promise<T>;
}

/** Machines move, so that a port is one machine's on all hosts. */
export function createSerialPorts(
  center: Center,
  inventory: Inventory,
  range: CheckedOptions['serialPorts'],
): SerialPorts {
  // Of machines that are being made, which nobody sees yet.
  const given = new Set<number>();
  return {
    async with({ name, serialPort = true }, options, work) {
      if (!range || !serialPort) return work([]);
      const used = await portsInUse(center, inventory, options);
      // Nothing is waited for between the look and the choice.
      const port = choose(range, (one) => used.has(one) || given.has(one));
      if (port === undefined) throw allTaken(name, range);
      given.add(port);
      try {
        return await work([{ operation: 'add', device: newSerialPort(port) }]);
      } finally {
        given.delete(port);
      }
    },
  };
}

async function portsInUse(center: Center, inventory: Inventory, options: CallOptions): Promise<ReadonlySet<number>> {
  const used = new Set<number>();
  for (const from of await listingSources(center, inventory, options)) {
    const reading = center.stream({ what: 'Serial ports', reads: true }, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'VirtualMachine', paths: ['config.hardware.device'] }, call),
    );
    for await (const { properties } of reading) {
      const port = serialPortOf(properties['config.hardware.device'] ?? []);
      if (port !== undefined) used.add(port);
    }
  }
  return used;
}

type Range = NonNullable<CheckedOptions['serialPorts']>;

/** A free one, from anywhere: another process that looks at the same moment chooses another. */
function choose({ first, last }: Range, isTaken: (port: number) => boolean): number | undefined {
  const count = last - first + 1;
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step += 1) {
    const port = first + ((start + step) % count);
    if (!isTaken(port)) return port;
  }
  return undefined;
}

const allTaken = (name: string, { first, last }: Range): DriverError =>
  new DriverError(
    'HOST.NOT_ENOUGH_RESOURCES',
    `Machine "${name}" gets no serial port: ports ${first} to ${last} are taken. Widen option serialPorts, or make it without one.`,
  );
