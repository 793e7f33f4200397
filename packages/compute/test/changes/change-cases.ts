import { retryWhile } from '@virt-drivers/core/kit';
import {
  bytes,
  kibibytes,
  mebibytes,
  poolId,
  type DriverError,
  type ImageSource,
  type OpenDriver,
  type VolumeId,
} from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import type { ChangeOptions, Compute, ImageWish, InstanceSpec } from '../../src/index.js';
import { fullSpec } from '../memory-endpoint.js';

/** The one instance of these tests, so that volumes have the same names every time. */
export const INSTANCE = '00000000-0000-4000-8000-0000000000aa';
const ROOT = kibibytes(192);
const EPHEMERAL = kibibytes(128);

/** A change, what must be done before it, and the instance that it is made on. */
export interface ChangeCase {
  readonly name: string;
  readonly start: boolean;
  readonly prepare?: (compute: Compute, data: VolumeId) => Promise<unknown>;
  readonly change: (compute: Compute, data: VolumeId, options?: ChangeOptions) => Promise<unknown>;
}

const pattern = (text: string, size: bigint): Buffer => Buffer.alloc(Number(size), `${text} `);

/** An image without a place where a simulated guest would write. */
export const imageOf = (text: string, size = ROOT): ImageWish => ({
  input: {
    name: text,
    async *open() {
      yield pattern(text, size);
    },
  },
  declaration: { format: 'raw' },
});

export const instanceSpec = (start: boolean): InstanceSpec =>
  fullSpec({
    instanceId: INSTANCE,
    image: imageOf('first'),
    root: { sizeBytes: ROOT },
    ephemerals: [{ sizeBytes: EPHEMERAL }],
    swap: { sizeBytes: EPHEMERAL },
    start,
  });

/** A driver whose blank volumes are full: what is lost or mixed up is seen. */
export const filling = (driver: OpenDriver): OpenDriver => ({
  ...driver,
  volumes: {
    ...driver.volumes,
    create: async ({ sizeBytes, ...volume }, options) => {
      const data = pattern(volume.name, sizeBytes);
      const content: ImageSource = {
        format: 'raw',
        sizeBytes: bytes(data.length),
        virtualSizeBytes: bytes(data.length),
        checksum: { algorithm: 'sha256', hex: createHash('sha256').update(data).digest('hex') },
        async *open() {
          yield data;
        },
      };
      const make = driver.volumes.createFromContent;
      if (!make) throw new Error('The memory driver takes content.');
      return (await make({ ...volume, sizeBytes, content }, options)).result();
    },
  },
});

/** A volume beside the instance, made when it is not there. */
export async function dataVolume(driver: OpenDriver): Promise<VolumeId> {
  const [pool] = await driver.volumes.pools().all();
  if (!pool) throw new Error('The world has pools.');
  const found = await driver.volumes.find({ pool: pool.id, name: 'data' });
  return (found ?? (await driver.volumes.create({ pool: pool.id, name: 'data', sizeBytes: kibibytes(64) }))).id;
}

const resized = { root: kibibytes(512), ephemerals: [kibibytes(320), kibibytes(64)], swap: kibibytes(64) };
const larger = { cpu: { count: 2 }, memory: { sizeBytes: mebibytes(128) } };
const own = async (compute: Compute, role: string): Promise<VolumeId> => {
  const found = (await compute.show(INSTANCE)).record.disks.find((disk) => disk.role === role)?.volume;
  if (!found) throw new Error(`There is no ${role} disk.`);
  return { pool: poolId(found.pool), key: found.key };
};

async function guestIsUp({ driver, show }: Compute): Promise<void> {
  const { machine } = await show(INSTANCE);
  const when = ({ code }: DriverError): boolean => code === 'GUEST.UNAVAILABLE';
  await retryWhile({}, async (call) => driver.guest?.ping?.(machine.id, call), { when });
}

/** Every change, on a running instance and on a stopped one. */
export const CHANGE_CASES: readonly ChangeCase[] = [
  {
    name: 'rebuild',
    start: true,
    change: (compute, _data, options) => compute.rebuild(INSTANCE, { image: imageOf('second') }, options),
  },
  {
    name: 'rebuild that keeps ephemeral disks',
    start: false,
    change: (compute, _data, options) =>
      compute.rebuild(INSTANCE, { image: imageOf('second'), keepEphemerals: true }, options),
  },
  {
    name: 'rescue',
    start: true,
    change: (compute, _data, options) => compute.rescue(INSTANCE, { image: imageOf('rescue') }, options),
  },
  {
    name: 'unrescue',
    start: true,
    prepare: (compute) => compute.rescue(INSTANCE, { image: imageOf('rescue') }),
    change: (compute, _data, options) => compute.unrescue(INSTANCE, options),
  },
  {
    name: 'resize',
    start: true,
    change: (compute, _data, options) => compute.resize(INSTANCE, { ...larger, ...resized }, options),
  },
  {
    name: 'resize of the machine alone',
    start: false,
    change: (compute, _data, options) => compute.resize(INSTANCE, larger, options),
  },
  {
    name: 'confirm',
    start: true,
    prepare: (compute) => compute.resize(INSTANCE, { ...larger, ...resized }),
    change: (compute, _data, options) => compute.confirmResize(INSTANCE, options),
  },
  {
    name: 'revert',
    start: true,
    prepare: (compute) => compute.resize(INSTANCE, { ...larger, ...resized }),
    change: (compute, _data, options) => compute.revertResize(INSTANCE, options),
  },
  {
    name: 'attach',
    start: true,
    change: (compute, data, options) => compute.attachVolume(INSTANCE, data, { serial: 'data' }, options),
  },
  {
    name: 'detach',
    start: false,
    prepare: (compute, data) => compute.attachVolume(INSTANCE, data, { serial: 'data' }),
    change: (compute, data, options) => compute.detachVolume(INSTANCE, data, options),
  },
  {
    name: 'extend',
    start: true,
    change: async (compute, _data, options) =>
      compute.extendVolume(INSTANCE, await own(compute, 'ephemeral'), kibibytes(256), options),
  },
  {
    name: 'swap of an own disk',
    start: true,
    change: async (compute, _data, options) =>
      compute.swapVolume(INSTANCE, await own(compute, 'root'), { pool: 'pool-small', format: 'raw' }, options),
  },
  {
    name: 'swap of an attached volume',
    start: false,
    prepare: (compute, data) => compute.attachVolume(INSTANCE, data, { serial: 'data' }),
    change: (compute, data, options) => compute.swapVolume(INSTANCE, data, { name: 'data2' }, options),
  },
  {
    name: 'image of a running instance',
    start: true,
    prepare: guestIsUp,
    change: (compute, _data, options) =>
      compute.createImage(INSTANCE, { name: 'data2' }, { ...options, quiesce: true }),
  },
];
