import { createHash } from 'node:crypto';
import { volumeOf } from '../world/find.js';
import type { Scene } from '../world/scene.js';
import type { MachineEntry } from '../world/state.js';
import { readVolume } from '../world/volume-bytes.js';
import { nameOfDisk } from './devices.js';
import { findEntry, listDirectory, readDisc, type ReadDisc } from './iso-file.js';
import { passwordDigest } from './password-digest.js';
import { say } from './serial.js';

const LATEST = ['openstack', 'latest'];

/** Looks for a disc called config-2, uses what is on it and says so as our guest image does: never a secret. */
export function readConfigDrive(scene: Scene, machine: MachineEntry): void {
  for (const disk of machine.disks) {
    const volume = disk.volume && volumeOf(scene, disk.volume);
    if (!volume) continue;
    const read: ReadDisc = (offset, length) => readVolume(scene, volume, offset, length);
    const disc = readDisc(read);
    if (disc?.label.toLowerCase() !== 'config-2') continue;
    const latest = findEntry(read, disc.root, LATEST);
    const files = latest
      ? listDirectory(read, latest)
          .map(({ name }) => name)
          .sort()
      : [];
    say(machine, `config-drive /dev/${nameOfDisk(machine, disk)} type=iso9660 files=${files.join(',')}`);
    const metadata = findEntry(read, disc.root, [...LATEST, 'meta_data.json']);
    if (metadata) useMetadata(machine, Buffer.from(read(metadata.offset, metadata.size)));
    return;
  }
  say(machine, 'config-drive none');
}

function useMetadata(machine: MachineEntry, content: Buffer): void {
  const text = content.toString('utf8');
  const value = (key: string): string => new RegExp(`"${key}" *: *"([^"]*)"`).exec(text)?.[1] ?? '';
  const keys = [...new Set([...text.matchAll(/"([^"]*)" *:/g)].map((match) => match[1]))].sort();
  say(machine, `metadata uuid=${value('uuid')} hostname=${value('hostname')} name=${value('name')}`);
  say(machine, `metadata sha256=${createHash('sha256').update(content).digest('hex')} keys=${keys.join(',')}`);
  const { guest } = machine;
  if (!guest) return;
  guest.hostname = value('hostname') || guest.hostname;
  const password = value('admin_pass');
  if (password) guest.passwords['root'] = passwordDigest(password);
}
