import { DriverError, type DiskFormat, type VolumeId } from '@virt-drivers/core';
import { formatsOf, type NativePool } from '../convert/pool-xml.js';
import { encryptedBlocksName, encryptedFileNames } from '../convert/encryption-xml.js';
import { formatOf } from '../convert/volume-xml.js';
import type { Backend } from './backend.js';
import { POWERFLEX } from '../convert/pool-xml.js';
import { iso } from './iso.js';
import { logical } from './logical.js';
import { ploop } from './ploop.js';
import { powerflex } from './powerflex.js';
import { qcow2 } from './qcow2.js';
import { raw } from './raw.js';
import { rbd } from './rbd.js';

/** The first of each kind is what a volume gets that names no format. */
const FILES = [qcow2, raw, iso, ploop];
const BY_POOL: Readonly<Record<string, readonly Backend[]>> = {
  dir: FILES,
  rbd: [rbd],
  logical: [logical],
  [POWERFLEX]: [powerflex],
};

/** Errors: `REQUEST.INVALID` for a pool of a kind that this driver makes no volumes in, and for a format it does not have. */
export function backendFor(pool: NativePool, format?: DiskFormat): Backend {
  const { name, type } = pool;
  const backends = (BY_POOL[type] ?? []).filter((backend) => formatsOf(pool).includes(backend.format));
  const found = format === undefined ? backends[0] : backends.find((backend) => backend.format === format);
  if (found) return found;
  const message =
    backends.length === 0
      ? `Pool ${name} is of type ${type}; this driver keeps volumes in pools of type ${Object.keys(BY_POOL).join(', ')}.`
      : `Pool ${name} has no volumes in format ${format}; choose one of ${backends.map((one) => one.format).join(', ')}.`;
  throw new DriverError('REQUEST.INVALID', message, { subject: name });
}

/** The backend of a volume that is there, by its name alone. In a pool of a kind that we make nothing in, it is a file. */
export function backendOf({ type }: NativePool, { key }: VolumeId): Backend {
  const backends = BY_POOL[type] ?? FILES;
  const format = formatOf({ fileName: key, kind: backends === FILES ? 'file' : 'network', probedFormat: 'raw' });
  return backends.find((backend) => backend.format === format) ?? raw;
}

/** Every key that a volume of this name may have in the pool. */
export const keysOf = ({ type }: NativePool, name: string): readonly string[] => [
  ...(BY_POOL[type] ?? []).map(({ keyOf }) => keyOf(name)),
  ...(type === 'dir' ? encryptedFileNames(name) : []),
  ...(type === 'rbd' || type === 'logical' ? [encryptedBlocksName(name)] : []),
];
