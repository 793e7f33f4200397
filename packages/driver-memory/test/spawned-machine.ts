import {
  bytes,
  gibibytes,
  mebibytes,
  networkId,
  poolId,
  type ImageSource,
  type Machine,
  type OpenDriver,
  type Volume,
} from '@virt-drivers/core';
import { createHash } from 'node:crypto';

export const MAIN = poolId('pool-main');
export const SMALL = poolId('pool-small');
export const LAN = networkId('network-lan');

/** A verified source of these bytes. */
export function rawSource(data: Uint8Array, chunkBytes = 100_000): ImageSource {
  const size = bytes(data.length);
  return {
    format: 'raw',
    sizeBytes: size,
    virtualSizeBytes: size,
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(data).digest('hex') },
    async *open() {
      for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes);
    },
  };
}

/** A volume with an image's content, larger than it. */
export async function imageVolume(open: OpenDriver, name: string): Promise<Volume> {
  const content = rawSource(new Uint8Array(200_000).fill(7));
  const task = await open.volumes.createFromContent!({ pool: MAIN, name, content, sizeBytes: mebibytes(8) });
  return task.result();
}

/** A stopped machine with one disk and one nic. */
export async function newMachine(open: OpenDriver, name = 'one', more: object = {}): Promise<Machine> {
  const volume = await imageVolume(open, `${name}-root`);
  return open.machines.create({
    name,
    cpu: { count: 1 },
    memory: { sizeBytes: gibibytes(1) },
    boot: { firmware: 'bios' },
    disks: [{ volume: volume.id, serial: 'root' }],
    nics: [{ network: LAN }],
    ...more,
  });
}
