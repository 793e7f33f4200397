import { expect } from '@jest/globals';
import * as l from '../../src/index.js';
import { answered, type CallTable } from './call-table.js';

const POOL = '<pool type="dir"><name>pool</name><target><path>/tmp/nowhere</path></target></pool>';
const volume = (name: string): string => `<volume><name>${name}</name><capacity>1048576</capacity></volume>`;

/** Pools and volumes, on libvirt's test driver, which keeps them in memory. */
export const STORAGE: CallTable = [
  [
    'has pools',
    async ({ connection: c }) => {
      await using events = await l.storagePoolEvents(c);
      const pool = await l.storagePoolDefineXml(c, POOL);
      expect((await events.next()).value).toMatchObject({
        kind: 'lifecycle',
        pool,
        event: l.StoragePoolEventLifecycleType.Defined,
      });
      expect(await l.connectListDefinedStoragePools(c)).toHaveLength(await l.connectNumOfDefinedStoragePools(c));
      await l.storagePoolBuild(c, pool);
      await l.storagePoolCreate(c, pool);
      expect(await l.connectListStoragePools(c)).toHaveLength(await l.connectNumOfStoragePools(c));
      expect(await l.connectListAllStoragePools(c)).toContainEqual(pool);
      expect(await l.storagePoolLookupByName(c, 'pool')).toEqual(await l.storagePoolLookupByUuid(c, pool.uuid));
      expect((await l.storagePoolGetInfo(c, pool)).state).toBe(l.StoragePoolState.Running);
      expect(await l.storagePoolGetXmlDesc(c, pool)).toContain('/tmp/nowhere');
      expect([await l.storagePoolIsActive(c, pool), await l.storagePoolIsPersistent(c, pool)]).toEqual([1, 1]);
      await l.storagePoolSetAutostart(c, pool, 1);
      expect(await l.storagePoolGetAutostart(c, pool)).toBe(1);
      await l.storagePoolRefresh(c, pool);
      await answered(l.connectFindStoragePoolSources(c, 'logical'));
    },
  ],
  [
    'has volumes',
    async ({ connection: c }) => {
      const pool = await l.storagePoolLookupByName(c, 'pool');
      const created = await l.storageVolCreateXml(c, pool, volume('one'));
      const copy = await l.storageVolCreateXmlFrom(c, pool, volume('two'), created);
      expect([...(await l.storagePoolListVolumes(c, pool))].sort()).toEqual(['one', 'two']);
      expect(await l.storagePoolNumOfVolumes(c, pool)).toBe(2);
      expect(await l.storagePoolListAllVolumes(c, pool)).toContainEqual(created);
      expect(await l.storageVolLookupByName(c, pool, 'one')).toEqual(created);
      expect(await l.storageVolLookupByKey(c, created.key)).toEqual(created);
      expect(await l.storageVolLookupByPath(c, await l.storageVolGetPath(c, created))).toEqual(created);
      expect(await l.storagePoolLookupByVolume(c, created)).toEqual(pool);
      expect((await l.storageVolGetInfo(c, created)).capacity).toBe(1048576n);
      expect(await l.storageVolGetXmlDesc(c, created)).toContain('one');
      await l.storageVolDelete(c, created);
      await l.storageVolDelete(c, copy);
    },
  ],
  [
    'removes pools',
    async ({ connection: c }) => {
      const pool = await l.storagePoolLookupByName(c, 'pool');
      await l.storagePoolDestroy(c, pool);
      await l.storagePoolDelete(c, pool);
      await l.storagePoolUndefine(c, pool);
      await l.storagePoolDestroy(c, await l.storagePoolCreateXml(c, POOL));
    },
  ],
];
