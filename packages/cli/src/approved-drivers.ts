import { resolve } from 'node:path';
import { DriverError, type DriverPins } from '@virt-drivers/core';
import type { Settings } from './settings/settings.js';

/**
 * The drivers that may be loaded, when a setting names a list of pins; undefined when any may. A list that cannot be read
 * approves nothing: `REQUEST.INVALID`.
 */
export async function approvedDrivers(
  { pins: file, pinsChannel: channel }: Pick<Settings, 'pins' | 'pinsChannel'>,
  cwd: string,
): Promise<DriverPins | undefined> {
  if (file === undefined) {
    if (channel === undefined) return undefined;
    throw new DriverError('REQUEST.INVALID', `Channel ${channel} of which list? Name the pins.json with --pins.`);
  }
  // Loaded here because most runs have no pins.
  const { driverPins, entryChannel, readPins } = await import('@virt-drivers/pins');
  const path = resolve(cwd, file);
  try {
    return await driverPins(path, channel ?? entryChannel(await readPins(path)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DriverError('REQUEST.INVALID', `The list of approved drivers cannot be used: ${reason}`, { cause });
  }
}
