import type { AnyVirtualDevice, VirtualDiskRawDiskMappingVer1BackingInfo } from '@virt-drivers/vsphere';
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { backingChain } from './backing-chain.js';
import { decodeText, encodeText, OWN_PREFIX } from './extra-config.js';

const PREFIX = `${OWN_PREFIX}remote.`;

const schema = v.object({
  /** Machine that the note is about: clones copy it. */
  machine: v.string(),
  protocol: v.picklist(['iscsi', 'fibreChannel', 'nfs', 'poolObject']),
  /** The remote volume, without any secret. */
  identity: v.string(),
  /** What is opened for it and closed when nobody needs it any more: a target, an export. */
  door: v.string(),
  /** What the disk's device names: a file, a unit of a storage system, a disk object; empty before there is a device. */
  backing: v.string(),
  /** Hosts that were connected. */
  hosts: v.array(v.string()),
  /** What was not there before: hosts with the portal that they were told, `host-9 192.0.2.7:3260`. */
  made: v.array(v.string()),
});

/** What is remembered, with the machine, of a remote volume that it has: how to take leave of it. */
export type RemoteNote = v.InferOutput<typeof schema>;

/** The setting of the note of this remote volume. */
export const remoteKey = (identity: string): string =>
  `${PREFIX}${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;

/** The note as a setting. */
export const remoteSetting = (note: RemoteNote): readonly [string, string] => [
  remoteKey(note.identity),
  encodeText(JSON.stringify(note)),
];

/** The notes of a machine with this uuid; those that a clone brought along are another machine's. */
export function readRemoteNotes(settings: ReadonlyMap<string, string>, uuid?: string): readonly RemoteNote[] {
  return [...settings].flatMap(([key, text]) => {
    const note = key.startsWith(PREFIX) ? readNote(text) : undefined;
    return note && (uuid === undefined || note.machine === uuid) ? [note] : [];
  });
}

function readNote(text: string): RemoteNote | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(decodeText(text) ?? ''));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

type RawBacking = VirtualDiskRawDiskMappingVer1BackingInfo;

/** The mapping of a raw device behind a disk; undefined for other disks. */
export const rawBackingOf = ({ backing }: AnyVirtualDevice): RawBacking | undefined =>
  backing?.$type === 'VirtualDiskRawDiskMappingVer1BackingInfo' ? backing : undefined;

/** All that a disk's device names, by any of which a note may know it. */
export function backingsOf(device: AnyVirtualDevice): readonly string[] {
  if (device.$type !== 'VirtualDisk' && device.$type !== 'VirtualCdrom') return [];
  const lun = rawBackingOf(device)?.lunUuid;
  const object = device.$type === 'VirtualDisk' ? device.vDiskId?.id : undefined;
  return [...backingChain(device.backing).map(({ fileName }) => fileName), lun, object].flatMap((name) =>
    name === undefined || name === '' ? [] : [name],
  );
}

/** The note that is about this device. */
export const noteOfDevice = (notes: readonly RemoteNote[], device: AnyVirtualDevice): RemoteNote | undefined => {
  const backings = backingsOf(device);
  return notes.find(({ backing }) => backing !== '' && backings.includes(backing));
};
