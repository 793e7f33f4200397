import { DriverError, type CallOptions, type NewVolume, type VolumeId } from '@virt-drivers/core';
import type { VirtualMachineDefinedProfileSpec } from '@virt-drivers/vsphere';
import * as v from 'valibot';
import { folderOf } from '../convert/datastore-path.js';
import { checkVolumeExtensions } from '../extensions.js';
import type { Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import { ownName } from './volume-folder.js';

type Profiles = readonly VirtualMachineDefinedProfileSpec[];

const NOTE = v.object({ version: v.literal(1), policy: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) });
const LONGEST_NOTE = 1_024;

/** The storage policy of a volume. */
export interface VolumePolicy {
  /** What goes with everything that is made for it. */
  readonly profiles: Profiles;
  /** Its id, where the volume has one of its own. */
  readonly own?: string;
}

/** The policy that a new volume asks for, or that of the options. Errors: `REQUEST.INVALID`, `CAPABILITY.CONDITION_UNMET`. */
export async function policyOf(
  { policy }: VmwareSession,
  { name, extensions }: NewVolume,
  format: 'vmdk' | 'iso',
  store: Datastore,
  options: CallOptions,
): Promise<VolumePolicy> {
  const { storagePolicy } = checkVolumeExtensions(extensions);
  if (storagePolicy === undefined) return { profiles: await policy.profiles(options) };
  if (format === 'iso')
    throw new DriverError('REQUEST.INVALID', `Volume ${name} is a medium, which has no storage policy.`);
  const own = await policy.named(storagePolicy, store, options);
  return { own, profiles: [profileSpec(own)] };
}

const profileSpec = (profileId: string): VirtualMachineDefinedProfileSpec => ({
  $type: 'VirtualMachineDefinedProfileSpec',
  profileId,
});

/** Keeps a volume's own policy beside it: a datastore of files knows of none until a machine has the disk. */
export async function notePolicy(
  { datastoreFiles }: VmwareSession,
  store: Datastore,
  id: VolumeId,
  policy: string,
  options: CallOptions,
): Promise<void> {
  await datastoreFiles.writeText(store, noteOf(id), JSON.stringify({ version: 1, policy }), options);
}

/** What goes with the disk of a machine that is this volume. */
export async function profilesFor(
  session: VmwareSession,
  store: Datastore,
  id: VolumeId,
  options: CallOptions,
): Promise<Profiles> {
  const text =
    ownName(id.key) === undefined
      ? undefined
      : await session.datastoreFiles.text(store, noteOf(id), LONGEST_NOTE, options);
  const own = text === undefined ? undefined : read(text);
  return own === undefined ? session.policy.profiles(options) : [profileSpec(own)];
}

function read(text: string): string | undefined {
  try {
    const note = v.safeParse(NOTE, JSON.parse(text));
    return note.success ? note.output.policy : undefined;
  } catch {
    return undefined;
  }
}

const noteOf = ({ key }: VolumeId): string => `${folderOf(key)}/policy.json`;
