import { createHash, randomBytes } from 'node:crypto';

/** More characters no volume's name has. */
const LONGEST_NAME = 31;

/**
 * Name that a volume has at the gateway: its own where that is short enough, else its beginning and a hash of it, the
 * same for the same one.
 */
export function gatewayName(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST_NAME - 1 - hash.length)}-${hash}`;
}

const MAKING = /^vd-new\+[0-9a-f]{16}$/;

/** Name of a volume that is being made: nobody else has it, so that what has it may be taken back. */
export const makingName = (): string => `vd-new+${randomBytes(8).toString('hex')}`;

/** True for volumes that are being made, or whose making was interrupted: they are no volumes to anybody. */
export const isBeingMade = (name: string): boolean => MAKING.test(name);

/** What the data client calls a volume's device on every host. */
export const deviceName = (systemId: string, volumeId: string): string => `emc-vol-${systemId}-${volumeId}`;

/** The volume of a device's name; undefined for devices of others, and of another system. */
export function volumeIdOf(systemId: string, device: string): string | undefined {
  const id = device.slice(-16);
  return /^[0-9a-f]{16}$/i.test(id) && device === deviceName(systemId, id) ? id : undefined;
}

/** True for names that a data client gives. */
export const isDeviceName = (name: string): boolean => /^emc-vol-[0-9a-f]{16}-[0-9a-f]{16}$/i.test(name);

const UNIT = 8n << 30n;

/** Volumes have sizes of whole 8 GiB. */
export const wholeUnits = (sizeBytes: bigint): bigint => ((sizeBytes + UNIT - 1n) / UNIT) * UNIT;
