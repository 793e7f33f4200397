import { backingTree, driverType, type Link } from './disk-xml.js';
import { sourceTree, storeType } from './disk-source.js';
import { toXml, tree } from './xml.js';

/** The place of the disk that is worked on. */
export const COPIED = 'vda';

/** A machine that exists to have one disk, and is never started. */
export interface CopyingMachine {
  readonly name: string;
  readonly uuid: string;
  readonly type: string;
  readonly architecture: string;
  readonly chain: readonly Link[];
  readonly readOnly: boolean;
  /** Which key opens the disk, if it is encrypted and that is not its own. */
  readonly key?: string;
}

/** The machine's document. */
export function copyingMachineXml({ name, uuid, type, architecture, chain, readOnly, key }: CopyingMachine): string {
  const [own] = chain;
  return toXml(
    tree(
      'domain',
      { type },
      tree('name', {}, name),
      tree('uuid', {}, uuid),
      tree('memory', { unit: 'MiB' }, 16),
      tree('vcpu', {}, 1),
      tree('os', {}, tree('type', { arch: architecture }, 'hvm')),
      tree(
        'devices',
        {},
        own &&
          tree(
            'disk',
            { type: storeType(own.store), device: 'disk' },
            tree('driver', { name: 'qemu', type: driverType(own.format) }),
            sourceTree(own.path, own.store, key),
            backingTree(chain.slice(1)),
            tree('target', { dev: COPIED, bus: 'virtio' }),
            readOnly ? tree('readonly') : undefined,
          ),
        tree('memballoon', { model: 'none' }),
      ),
    ),
  );
}
