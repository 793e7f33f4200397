import { snapshotId } from '@virt-drivers/core';
import type { Snapshot, SnapshotSpec } from '@virt-drivers/core';
import { attribute, parseXml, textAt, toXml, tree } from './xml.js';

/** What the driver keeps in a snapshot's description, as JSON. */
interface Note {
  readonly title?: string;
  readonly description?: string;
  readonly memory?: boolean;
  readonly quiesced?: boolean;
}

/** A snapshot with what only the driver wants to know. */
export interface NativeSnapshot {
  readonly snapshot: Snapshot;
  /** The guest's file systems were at rest, and are so in its memory of that time. */
  readonly quiesced: boolean;
}

/** What `readSnapshot` finds again in the description. */
export const snapshotNote = ({ name: title, description, memory, quiesce }: SnapshotSpec): string =>
  JSON.stringify({ title, description, memory: memory === true, quiesced: quiesce === true });

/**
 * The document of a new internal snapshot. The display name travels in the description, because libvirt's own name of a
 * snapshot must be unique and goes into images and file names. libvirt keeps the memory of a machine that runs with
 * every internal snapshot; whether it was asked for is noted.
 */
export function snapshotXml(name: string, spec: SnapshotSpec, keepsMemory: boolean): string {
  return toXml(
    tree(
      'domainsnapshot',
      {},
      tree('name', {}, name),
      tree('description', {}, snapshotNote(spec)),
      tree('memory', { snapshot: keepsMemory ? 'internal' : 'no' }),
    ),
  );
}

export function readSnapshot(xml: string, current: boolean): NativeSnapshot {
  const element = parseXml(xml);
  const name = textAt(element, 'name') ?? '';
  const note = readNote(textAt(element, 'description'));
  const parent = textAt(element, 'parent/name');
  const snapshot = {
    id: snapshotId(name),
    name: note.title ?? name,
    ...(note.description === undefined ? {} : { description: note.description }),
    createdAt: new Date(Number(textAt(element, 'creationTime') ?? '0') * 1000),
    memory: note.memory ?? ['internal', 'external'].includes(attribute(element, 'snapshot', 'memory') ?? 'no'),
    ...(parent === undefined ? {} : { parent: snapshotId(parent) }),
    current,
  };
  return { snapshot, quiesced: note.quiesced === true };
}

/** Snapshots of others have a plain description. */
function readNote(text: string | undefined): Note {
  if (text === undefined) return {};
  try {
    const { title, description, memory, quiesced } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof title !== 'string') return { description: text };
    return {
      title,
      memory: memory === true,
      quiesced: quiesced === true,
      ...(typeof description === 'string' ? { description } : {}),
    };
  } catch {
    return { description: text };
  }
}
