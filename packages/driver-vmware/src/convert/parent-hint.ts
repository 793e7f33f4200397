import type { VolumeId } from '@virt-drivers/core';
import type { Datastore } from '../inventory.js';
import { folderOf } from './datastore-path.js';

/**
 * The volume that a disk's descriptor names as the one it continues: by a name beside it, or by a path of its host,
 * `/vmfs/volumes/UUID-OR-NAME/folder/file.vmdk`. Undefined for one that is on another datastore.
 */
export function parentVolume(hint: string, id: VolumeId, store: Pick<Datastore, 'name' | 'url'>): VolumeId | undefined {
  const [, volume, path] = /^\/vmfs\/volumes\/([^/]+)\/(.+)$/.exec(hint) ?? [];
  if (volume !== undefined && path !== undefined)
    return volume === store.name || volume === uuidIn(store.url) ? { pool: id.pool, key: path } : undefined;
  if (hint === '' || hint.startsWith('/') || hint.split('/').includes('..')) return undefined;
  const folder = folderOf(id.key);
  return { pool: id.pool, key: folder === '' ? hint : `${folder}/${hint}` };
}

/** `ds:///vmfs/volumes/5f3c…/` */
const uuidIn = (url: string): string | undefined => /\/vmfs\/volumes\/([^/]+)\/?$/.exec(url)?.[1];
