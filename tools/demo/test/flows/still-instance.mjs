import { createHash, randomUUID } from 'node:crypto';
import { bytes, mebibytes, poolId } from '@virt-drivers/core';

const MIB = 1_048_576;
const filledWith = (text, length) => Buffer.alloc(length, `${text} `);

/** An image that nothing boots from: what flows do to disks and machines is seen without waiting for a guest. */
export const stillImage = (text) => ({
  input: {
    name: text,
    async *open() {
      yield filledWith(text, 4 * MIB);
    },
  },
  declaration: { format: 'raw' },
});

/** An instance that runs without a guest, with a disk of every kind, on volumes of both kinds. */
export const stillSpec = (changes = {}) => ({
  instanceId: randomUUID(),
  name: 'still',
  cpu: { count: 1 },
  memory: { sizeBytes: mebibytes(32) },
  pool: poolId('default'),
  image: stillImage('first'),
  root: { sizeBytes: mebibytes(4) },
  ephemerals: [{ sizeBytes: mebibytes(2), format: 'raw' }],
  swap: { sizeBytes: mebibytes(1) },
  ...changes,
});

/** A driver whose blank volumes are full: what is lost or mixed up is seen. */
export const filling = (driver) => ({
  ...driver,
  volumes: {
    ...driver.volumes,
    async create({ sizeBytes, ...volume }, options) {
      const data = filledWith(volume.name.slice(37), Number(sizeBytes));
      const content = {
        format: 'raw',
        sizeBytes: bytes(data.length),
        virtualSizeBytes: bytes(data.length),
        checksum: { algorithm: 'sha256', hex: createHash('sha256').update(data).digest('hex') },
        async *open() {
          yield data;
        },
      };
      return (await driver.volumes.createFromContent({ ...volume, sizeBytes, content }, options)).result();
    },
  },
});

/**
 * All of an instance that a flow may touch, contents included: two are equal when nobody could tell them apart. Its
 * machine is off afterwards, for only then its disks can be read.
 */
export async function printOf({ driver, compute }, instanceId) {
  const { machine, record } = await compute.show(instanceId);
  if (machine.state !== 'stopped') await driver.power.kill(machine.id);
  const named = (name) => name.replace(instanceId, 'I');
  async function read(role, { pool, key }, serial = '') {
    const hash = createHash('sha256');
    const { id, name, format, sizeBytes } = await driver.volumes.get({ pool: poolId(pool), key });
    for await (const piece of driver.volumes.export(id, { format: 'raw' })) hash.update(piece);
    const part = serial.replace(/-.*/, '');
    return `${role} ${pool}/${named(name)} ${format} ${part} ${sizeBytes} ${hash.digest('hex').slice(0, 16)}`;
  }
  const disks = [];
  for (const { volume, serial } of machine.disks.filter((disk) => disk.volume)) {
    const entry = record.disks.find((disk) => disk.volume?.key === volume.key);
    disks.push(await read(entry?.role, volume, serial));
  }
  const kept = [];
  for (const { role, volume } of record.kept?.disks ?? []) kept.push(await read(role, volume));
  const { phase, rescued = false } = record;
  return { phase, state: machine.state, rescued, cpus: machine.cpu.count, disks, kept };
}

/** The volume of the first disk of a role. */
export async function ownVolume(compute, instanceId, role) {
  const { volume } = (await compute.show(instanceId)).record.disks.find((disk) => disk.role === role);
  return { pool: poolId(volume.pool), key: volume.key };
}
