import type { DriverPins } from '@virt-drivers/core';
import { readPins } from './pins-file.js';
import type { Pin, PinsFile } from './pins-schema.js';
import { failure } from './problem.js';

/** What is in a channel: at most one version of each package. Throws `usage` when the file has no such channel. */
export function pinsIn(file: PinsFile, channel: string): readonly Pin[] {
  if (file.channels[channel] === undefined) {
    const known = Object.keys(file.channels).join(', ');
    throw failure('usage', channel, `Channel ${channel} does not exist; there are: ${known}.`);
  }
  return file.pins.filter((pin) => pin.channels[channel] !== undefined);
}

/** The version of core that the drivers of a channel meet. */
export const coreIn = (pins: readonly Pin[]): Pin | undefined => pins.find(({ kind }) => kind === 'core');

/** The channel that new pins go to: the one that takes from no other. */
export const entryChannel = (file: PinsFile): string =>
  Object.entries(file.channels).find(([, { from }]) => from === undefined)?.[0] ?? 'next';

/** What the loader's strict mode takes: `loadDriver('libvirt', { pins: await driverPins('pins.json', 'stable') })`. */
export async function driverPins(path: string, channel: string): Promise<DriverPins> {
  const file = await readPins(path);
  return { pins: pinsIn(file, channel), blocks: file.blocks };
}
