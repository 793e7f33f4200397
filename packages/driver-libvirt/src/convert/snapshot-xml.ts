import { snapshotId } from '@virt-drivers/core';
import type { Snapshot, SnapshotSpec } from '@virt-drivers/core';
import { attribute, parseXml, textAt, toXml, tree } from './xml.js';

/**
 * The document of a new internal snapshot. The display name travels as JSON in the description, because libvirt's own
 * name of a snapshot must be unique and goes into images and file names.
 */
export function snapshotXml(name: string, { name: title, description }: SnapshotSpec, memory: boolean): string {
  return toXml(
    tree(
      'domainsnapshot',
      {},
      tree('name', {}, name),
      tree('description', {}, JSON.stringify({ title, description }).replace(/[\ufffe\uffff]/g, '')),
      tree('memory', { snapshot: memory ? 'internal' : 'no' }),
    ),
  );
}

export function readSnapshot(xml: string, current: boolean): Snapshot {
  const element = parseXml(xml);
  const name = textAt(element, 'name') ?? '';
  const { title = name, description } = readDescription(textAt(element, 'description'));
  const parent = textAt(element, 'parent/name');
  return {
    id: snapshotId(name),
    name: title,
    ...(description === undefined ? {} : { description }),
    createdAt: new Date(Number(textAt(element, 'creationTime') ?? '0') * 1000),
    memory: ['internal', 'external'].includes(attribute(element, 'snapshot', 'memory') ?? 'no'),
    ...(parent === undefined ? {} : { parent: snapshotId(parent) }),
    current,
  };
}

/** Snapshots of others have a plain description. */
function readDescription(text: string | undefined): { readonly title?: string; readonly description?: string } {
  if (text === undefined) return {};
  try {
    const { title, description } = JSON.parse(text) as { readonly title?: unknown; readonly description?: unknown };
    if (typeof title !== 'string') return { description: text };
    return { title, ...(typeof description === 'string' ? { description } : {}) };
  } catch {
    return { description: text };
  }
}
