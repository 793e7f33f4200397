import { BLOCK_BYTES } from '../content/content-store.js';
import { volumeOf } from '../world/find.js';
import { readBlock, writeBlock } from '../world/layers.js';
import type { Scene } from '../world/scene.js';
import type { MachineEntry, VolumeState } from '../world/state.js';
import { guestDataBlock } from '../world/volume-bytes.js';

const MAGIC = 'virt-drivers guest files\n';

type Files = Record<string, string>;

const isOurs = (block: Uint8Array): boolean =>
  Buffer.from(block.buffer, block.byteOffset, MAGIC.length).toString('latin1') === MAGIC;

/** The volume under /data: the first disk that the guest could have booted from. */
function dataVolume(
  scene: Scene,
  machine: MachineEntry,
): { readonly volume: VolumeState; readonly block: number } | undefined {
  const disk = machine.disks.find(({ device, readOnly, volume }) => device === 'disk' && !readOnly && volume);
  const volume = disk?.volume && volumeOf(scene, disk.volume);
  const block = volume && guestDataBlock(scene, volume, isOurs);
  return volume && block !== undefined ? { volume, block } : undefined;
}

function readData(scene: Scene, { volume, block }: { volume: VolumeState; block: number }): Files {
  const content = readBlock(scene, volume.layer, block);
  if (!isOurs(content)) return {};
  const text = Buffer.from(content).toString('utf8', MAGIC.length);
  // Written by writeData alone.
  return JSON.parse(text.slice(0, text.indexOf('\0'))) as Files;
}

function writeData(scene: Scene, { volume, block }: { volume: VolumeState; block: number }, files: Files): boolean {
  const text = Buffer.from(MAGIC + JSON.stringify(files));
  if (text.length >= BLOCK_BYTES) return false;
  const data = new Uint8Array(BLOCK_BYTES);
  data.set(text);
  writeBlock(scene, volume.layer, block, data);
  return true;
}

const isOnDisk = (path: string): boolean => path.startsWith('/data/');

/** A file of the guest, or undefined. */
export function readFile(scene: Scene, machine: MachineEntry, path: string): Buffer | undefined {
  const data = isOnDisk(path) ? dataVolume(scene, machine) : undefined;
  const files = data ? readData(scene, data) : machine.guest?.files;
  if (machine.guest) machine.guest.reads += 1;
  const content = files && Object.hasOwn(files, path) ? files[path] : undefined;
  return content === undefined ? undefined : Buffer.from(content, 'base64');
}

/** Writes or (with undefined) removes a file: below /data on the first disk, elsewhere in memory. False: no room. */
export function writeFile(scene: Scene, machine: MachineEntry, path: string, content: Uint8Array | undefined): boolean {
  const { guest } = machine;
  if (!guest) return false;
  guest.writes += 1;
  const data = isOnDisk(path) ? dataVolume(scene, machine) : undefined;
  const files = data ? readData(scene, data) : guest.files;
  if (content === undefined) Reflect.deleteProperty(files, path);
  else files[path] = Buffer.from(content).toString('base64');
  return data ? writeData(scene, data, files) : true;
}

/** True when the guest has a file system on a disk. */
export const hasData = (scene: Scene, machine: MachineEntry): boolean => dataVolume(scene, machine) !== undefined;
