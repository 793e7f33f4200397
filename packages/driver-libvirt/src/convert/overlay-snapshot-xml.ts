import type { SnapshotSpec } from '@virt-drivers/core';
import { readLocation } from './disk-source.js';
import { snapshotNote } from './snapshot-xml.js';
import { attribute, child, children, parseXml, toXml, tree } from './xml.js';

/** A file that a disk's writes go to after a snapshot. */
export interface Overlay {
  /** libvirt's name of the disk. */
  readonly target: string;
  readonly path: string;
  /** What it is put over. */
  readonly base?: string;
}

/** The document of a new snapshot whose files are there already. */
export function overlaySnapshotXml(
  name: string,
  spec: SnapshotSpec,
  overlays: readonly Overlay[],
  untouched: readonly string[],
): string {
  return toXml(
    tree(
      'domainsnapshot',
      {},
      tree('name', {}, name),
      tree('description', {}, snapshotNote(spec)),
      tree('memory', { snapshot: 'no' }),
      tree(
        'disks',
        {},
        ...overlays.map(({ target, path }) =>
          tree(
            'disk',
            { name: target, snapshot: 'external', type: 'file' },
            tree('driver', { type: 'qcow2' }),
            tree('source', { file: path }),
          ),
        ),
        ...untouched.map((target) => tree('disk', { name: target, snapshot: 'no' })),
      ),
    ),
  );
}

/** The files of a snapshot, with what the machine's disks were then. */
export function readOverlays(xml: string): readonly Required<Overlay>[] {
  const root = parseXml(xml);
  const then = new Map(
    children(child(root, 'domain/devices'), 'disk').map((disk) => [
      attribute(disk, 'dev', 'target') ?? '',
      readLocation(child(disk, 'source')) ?? '',
    ]),
  );
  return children(child(root, 'disks'), 'disk').flatMap((disk) => {
    const target = attribute(disk, 'name') ?? '';
    const path = attribute(disk, 'file', 'source');
    if (attribute(disk, 'snapshot') !== 'external' || path === undefined) return [];
    return [{ target, path, base: then.get(target) ?? '' }];
  });
}
