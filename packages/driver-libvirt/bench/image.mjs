import { startLibvirt } from '@virt-drivers/peers';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from './budgets.mjs';
import { here, measured, seconds, settle } from './programs.mjs';

const GIB = Number(process.env.BENCH_IMAGE_GIB ?? 1);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const MIB = 1 << 20;

/** An image into a volume, beside `virsh vol-upload` and `qemu-img convert` on the same disk. */
export async function compareImage(scratch, { atMost }) {
  const file = join(scratch, 'image.raw');
  await writeContent(file);
  const peer = await startLibvirt();
  try {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const own = await measured(process.execPath, [here('peers/own-image.mjs'), peer.uri, file, 'default']);
      rounds.push({ ...own, upload: await upload(peer, file), convert: await convert(peer, file) });
    }
    const of = (key) => median(rounds.map((round) => round[key]));
    const rate = (key) => `${((GIB * 1024) / of(key)).toFixed(0)} MiB/s`;
    console.log(`image to volume ${rate('filling')}, virsh vol-upload ${rate('upload')}`);
    console.log(`raw to qcow2 ${rate('converting')}, qemu-img convert ${rate('convert')}`);
    atMost(`image of ${GIB} GiB to volume, time vs virsh vol-upload`, of('filling') / of('upload'), 1.2);
    atMost('volume to qcow2, time vs qemu-img convert', of('converting') / of('convert'), 1.2);
    atMost('growth of resident memory in it', Math.max(...rounds.map(({ growth }) => growth)) / MIB, 32, 'MiB');
  } finally {
    await peer.stop();
  }
}

async function upload(peer, file) {
  await peer.virsh([
    'vol-create-as',
    'default',
    'uploaded',
    `${GIB * 1024}MiB`,
    '--format',
    'raw',
    '--allocation',
    '0',
  ]);
  const args = ['-c', peer.uri, 'vol-upload', 'uploaded', file, '--pool', 'default'];
  settle();
  const time = await seconds('virsh', args);
  await peer.virsh(['vol-delete', 'uploaded', '--pool', 'default']);
  return time;
}

async function convert(peer, file) {
  const target = join(peer.imagesDirectory, 'by-qemu-img.qcow2');
  settle();
  const time = await seconds('qemu-img', ['convert', '-O', 'qcow2', file, target]);
  await peer.exec('rm', [target]);
  return time;
}

async function writeContent(file) {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(64 * MIB, 'not a hole ');
  for (let written = 0; written < GIB * 1024; written += 64) await handle.write(block);
  await handle.close();
}
