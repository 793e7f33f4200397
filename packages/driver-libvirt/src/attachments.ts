import type { CallOptions, MachineState, VolumeId } from '@virt-drivers/core';
import { abortable, deadlineIn, type VolumeUse } from '@virt-drivers/core/kit';
import type { Domains } from './domains.js';

/** One machine's use of a volume. */
export interface Attachment extends VolumeUse {
  readonly state: MachineState;
  /** libvirt's name of the disk. */
  readonly disk: string;
}

/** Who uses which volume, at one moment. */
export interface Attachments {
  of(volume: VolumeId): readonly Attachment[];
}

/** Tells who uses which volume, as of a moment after the question was put. */
export type ReadAttachments = (options: CallOptions) => Promise<Attachments>;

const keyOf = ({ pool, key }: VolumeId): string => `${pool}\n${key}`;

/** How long one look at all machines may take; nobody's own deadline, for several wait for it. */
const LOOKING = { minutes: 2 } as const;

/**
 * Reads the disks of all machines, for libvirt keeps no index of what uses a file and tells of some changes with no
 * event. Who asks while others are being answered waits for the next look, one for all who wait: the answer to a
 * question never predates it, and any number of them at once costs two looks.
 */
export function createAttachmentReader(domains: Domains): ReadAttachments {
  let running: Promise<Attachments> | undefined;
  let next: Promise<Attachments> | undefined;

  const look = (): Promise<Attachments> => {
    next = undefined;
    const mine = readAll(domains, { deadline: deadlineIn(LOOKING) });
    running = mine;
    const done = (): void => {
      if (running === mine) running = undefined;
    };
    mine.then(done, done);
    return mine;
  };

  return (options) => {
    const answer = running ? (next ??= running.then(look, look)) : look();
    return abortable(answer, options, { what: 'Looking at what machines use', stateAfter: 'unchanged' });
  };
}

async function readAll(domains: Domains, options: CallOptions): Promise<Attachments> {
  const byVolume = new Map<string, Attachment[]>();
  for await (const machine of domains.disks(await domains.all(options), options)) {
    for (const { volume, readOnly, shared, id } of machine.disks) {
      if (!volume) continue;
      const attachment = { machine: machine.id, state: machine.state, readOnly, shared, disk: id };
      const known = byVolume.get(keyOf(volume));
      if (known) known.push(attachment);
      else byVolume.set(keyOf(volume), [attachment]);
    }
  }
  return { of: (volume) => byVolume.get(keyOf(volume)) ?? [] };
}
