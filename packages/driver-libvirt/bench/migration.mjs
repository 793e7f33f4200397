import { bytes, mebibytes, poolId } from '@virt-drivers/core';
import { startLibvirt } from '@virt-drivers/peers';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { driver } from '../dist/index.js';
import { median } from './budgets.mjs';
import { seconds } from './programs.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const POOL = poolId('default');
const ADDRESS = '127.0.0.1';
const SIZE = mebibytes(64);

/** A running machine with a disk to another host and back: by this driver, and by virsh with the same flags. */
export async function compareMigration({ atMost }) {
  const peers = [await startLibvirt({ name: 'here' }), await startLibvirt({ name: 'there' })];
  // Both share this machine's network, in which their names mean nothing.
  const options = { migrationAddress: ADDRESS, virtType: 'qemu' };
  const sides = [];
  try {
    for (const { uri } of peers) sides.push(await driver.open({ target: uri, options }));
    const [from, to] = sides;
    const machine = await start(from);
    const [own, virsh] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await move(from, to, machine), await move(to, from, machine));
      virsh.push(await moveByVirsh(...peers, machine), await moveByVirsh(...[...peers].reverse(), machine));
    }
    console.log(`live migration ${median(own).toFixed(2)} s, virsh migrate ${median(virsh).toFixed(2)} s`);
    atMost('live migration: more than virsh migrate', median(own) - median(virsh), 0.3, 's');
  } finally {
    await Promise.all(sides.map((side) => side.close()));
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

async function start(from) {
  const volume = await from.volumes.create({ pool: POOL, name: 'travels', sizeBytes: bytes(SIZE), format: 'raw' });
  const { id } = await from.machines.create({
    name: 'traveller',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(128) },
    boot: { firmware: 'bios' },
    disks: [{ volume: volume.id }],
    nics: [],
  });
  await from.power.start(id);
  return id;
}

/** All that a caller does to move a machine. */
async function move(from, to, machine) {
  const begin = performance.now();
  const { disks } = await from.machines.get(machine);
  const plan = { machine, mode: 'live', disks: disks.map(({ id }) => ({ disk: id, pool: POOL })) };
  const ticket = await to.migration.prepare(plan, await from.migration.describe(plan));
  await (await from.migration.start(plan, ticket)).result();
  return (performance.now() - begin) / 1000;
}

/** The move alone: the volume on the other side is there already, and the one that stays behind goes afterwards. */
async function moveByVirsh(from, to, machine) {
  const name = (await from.virsh(['domblklist', machine])).trim().split('/').at(-1);
  await to.virsh(['vol-create-as', 'default', name, `${SIZE}B`, '--format', 'raw', '--allocation', '0']);
  const flags = ['--live', '--persistent', '--undefinesource', '--abort-on-error', '--copy-storage-all'];
  const how = [
    ...flags,
    '--xml',
    await relocated(from, to, machine),
    '--persistent-xml',
    await relocated(from, to, machine, '--inactive'),
  ];
  const time = await seconds('virsh', ['-c', from.uri, 'migrate', machine, to.uri, `tcp://${ADDRESS}`, ...how]);
  await from.virsh(['vol-delete', name, '--pool', 'default']);
  return time;
}

/** A file with the machine's document, whose paths are those of the other host. */
async function relocated(from, to, machine, ...flags) {
  const document = await from.virsh(['dumpxml', '--migratable', '--security-info', ...flags, machine]);
  const file = join(from.directory, `move${flags.join('')}.xml`);
  await writeFile(file, document.replaceAll(from.imagesDirectory, to.imagesDirectory), { mode: 0o600 });
  return file;
}
