import { mebibytes, poolId } from '@virt-drivers/core';
import { ownVolume, stillImage } from './still-instance.mjs';

/** A still guest hears nothing: its power is cut soon. */
export const STOP = { stopWithin: { milliseconds: 300 } };

/** Where volumes go that leave their pool. */
export const OTHER_POOL = 'other';

const LARGER = {
  cpu: { count: 2 },
  root: mebibytes(6),
  ephemerals: [mebibytes(3), mebibytes(1)],
  swap: mebibytes(2),
};
const rescue = (compute, id, _data, options) => compute.rescue(id, { image: stillImage('rescue') }, options);
const resize = (compute, id, _data, options) => compute.resize(id, LARGER, options);
const attach = (compute, id, data, options) => compute.attachVolume(id, data, { serial: 'data' }, options);
const elsewhere = { pool: OTHER_POOL, format: 'raw' };

/**
 * Every change of an instance: its name, whether the instance runs, what is done before, and the change. Hot-plugged disks
 * need a guest that lets them go; without one they come and go while the machine is off.
 */
export const CHANGE_CASES = [
  {
    name: 'rebuild',
    start: true,
    change: (compute, id, _data, options) => compute.rebuild(id, { image: stillImage('second') }, options),
  },
  {
    name: 'rebuild that keeps ephemeral disks',
    start: false,
    change: (compute, id, _data, options) =>
      compute.rebuild(id, { image: stillImage('second'), keepEphemerals: true }, options),
  },
  { name: 'rescue', start: true, change: rescue },
  {
    name: 'unrescue',
    start: true,
    prepare: rescue,
    change: (compute, id, _data, options) => compute.unrescue(id, options),
  },
  { name: 'resize', start: true, change: resize },
  {
    name: 'resize of the machine alone',
    start: false,
    change: (compute, id, _data, options) => compute.resize(id, { cpu: { count: 2 } }, options),
  },
  {
    name: 'confirm',
    start: true,
    prepare: resize,
    change: (compute, id, _data, options) => compute.confirmResize(id, options),
  },
  {
    name: 'revert',
    start: true,
    prepare: resize,
    change: (compute, id, _data, options) => compute.revertResize(id, options),
  },
  { name: 'attach', start: false, change: attach },
  {
    name: 'detach',
    start: false,
    prepare: attach,
    change: (compute, id, data, options) => compute.detachVolume(id, data, options),
  },
  {
    name: 'extend',
    start: true,
    change: async (compute, id, _data, options) =>
      compute.extendVolume(id, await ownVolume(compute, id, 'ephemeral'), mebibytes(3), options),
  },
  {
    name: 'swap of an own disk',
    start: true,
    change: async (compute, id, _data, options) =>
      compute.swapVolume(id, await ownVolume(compute, id, 'root'), elsewhere, options),
  },
  {
    name: 'swap of an attached volume',
    start: false,
    prepare: attach,
    change: (compute, id, data, options) => compute.swapVolume(id, data, { name: 'data2', ...elsewhere }, options),
  },
  {
    name: 'image of a running instance',
    start: true,
    change: (compute, id, _data, options) => compute.createImage(id, { name: 'data2', format: 'qcow2' }, options),
  },
];

/** Every kind of move to another endpoint, with the pool there. */
export const MOVE_CASES = [
  { name: 'live', start: true, flow: 'migrate' },
  { name: 'of a stopped instance', start: false, flow: 'migrate' },
  { name: 'cold, by bytes', start: true, flow: 'coldMigrate' },
  { name: 'cold, of a stopped instance', start: false, flow: 'coldMigrate' },
];

const DATA = { pool: poolId('default'), name: 'data', format: 'qcow2', sizeBytes: mebibytes(1) };

/** A volume beside the instance, made when it is not there. */
export async function dataVolume(driver) {
  const found = await driver.volumes.find({ pool: DATA.pool, name: DATA.name });
  return (found ?? (await driver.volumes.create(DATA))).id;
}

/** Takes away the volume beside the instance, and what changes made of it or beside it. */
export async function removeData(driver) {
  for await (const pool of driver.volumes.pools())
    for (const name of ['data', 'data2']) {
      const volume = await driver.volumes.find({ pool: pool.id, name });
      if (volume) await driver.volumes.delete(volume.id);
    }
}
