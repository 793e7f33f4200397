import { expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { isVsphereError, type Reference, type Vsphere } from '../src/index.js';
import { collect, describeOnVcsim, withClient } from './on-vcsim.js';

const MIB = 1 << 20;
const sha = (pieces: readonly Uint8Array[]) =>
  pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest('hex');

async function* pieces(content: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

await describeOnVcsim('transfers', {}, (peer) => {
  const content = randomBytes(3 * MIB + 17);
  const file = { datacenter: 'DC0', datastore: 'LocalDS_0', path: 'a folder/100% #1 + \u00e9.bin' };

  test('a file is written, measured and read, whole and in parts', async () => {
    await withClient(peer, async (vsphere) => {
      const { fileManager } = vsphere.content;
      if (!fileManager) throw new Error('The server has no file manager.');
      const datacenters = await collect(
        vsphere.properties.retrieve({ from: vsphere.content.rootFolder, type: 'Datacenter', paths: ['name'] }),
      );
      const datacenter = datacenters[0]?.ref;
      const name = '[LocalDS_0] a folder';
      await vsphere.invoke(fileManager, 'MakeDirectory', { name, datacenter, createParentDirectories: true });
      expect(await vsphere.files.head(file)).toBeUndefined();
      let told = 0;
      await vsphere.files.upload(file, pieces(content), { size: content.length, onBytes: (total) => (told = total) });
      expect(told).toBe(content.length);
      expect(await vsphere.files.head(file)).toEqual({ size: content.length });
      expect(sha(await collect(vsphere.files.download(file)))).toBe(sha([content]));
      const part = await collect(vsphere.files.download(file, { start: 1000, end: 2_000_001 }));
      expect(sha(part)).toBe(sha([content.subarray(1000, 2_000_001)]));
      const rest = await collect(vsphere.files.download(file, { start: content.length - 5 }));
      expect(Buffer.concat(rest)).toEqual(content.subarray(-5));
    });
  });

  test('a length that is not known before, and a ticket instead of the cookie', async () => {
    await withClient(peer, async (vsphere) => {
      const other = { ...file, path: 'unknown.bin', ticket: true };
      await vsphere.files.upload(other, pieces(content));
      expect(await vsphere.files.head(other)).toEqual({ size: content.length });
      expect(sha(await collect(vsphere.files.download(other)))).toBe(sha([content]));
    });
  });

  test('a source that is too short or too long fails; so does a datastore that does not exist', async () => {
    await withClient(peer, async (vsphere) => {
      const attempt = (size: number, where = file) =>
        vsphere.files.upload(where, pieces(content), { size }).catch((error: unknown) => error);
      const short = await attempt(content.length + 1);
      expect(isVsphereError(short) && short.code).toBe('TRANSFER_INCOMPLETE');
      const long = await attempt(content.length - 1);
      expect(isVsphereError(long) && long.code).toBe('TRANSFER_INCOMPLETE');
      const nowhere = await attempt(content.length, { ...file, datastore: 'none' });
      expect(isVsphereError(nowhere) && [nowhere.code, nowhere.status]).toEqual(['HTTP_STATUS', 404]);
      const missing = await collect(vsphere.files.download({ ...file, path: 'none.bin' })).catch(
        (error: unknown) => error,
      );
      expect(isVsphereError(missing) && missing.status).toBe(404);
    });
  });

  test('an aborted upload ends with the signal, and closes its source', async () => {
    await withClient(peer, async (vsphere) => {
      const controller = new AbortController();
      let closed = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (let count = 0; ; count++) {
            if (count === 20) controller.abort();
            yield content.subarray(0, 65_536);
          }
        } finally {
          closed = true;
        }
      }
      const upload = vsphere.files.upload({ ...file, path: 'part.bin' }, endless(), { signal: controller.signal });
      const error = await upload.catch((caught: unknown) => caught);
      expect(isVsphereError(error) && error.code).toBe('CANCELLED');
      await new Promise((resolve) => setImmediate(resolve));
      expect(closed).toBe(true);
    });
  });

  test('a machine is imported through a lease that is kept alive; failed work aborts it', async () => {
    await withClient(peer, async (vsphere) => {
      const lease = await importLease(vsphere, 'imported');
      const info = await vsphere.leases.use(lease, async (open) => {
        const [device] = open.deviceUrls;
        if (!device) throw new Error('The lease has no device.');
        await open.upload(device, pieces(content), {
          size: content.length,
          onBytes: (n) => open.progress((n / content.length) * 100),
        });
        return open.info;
      });
      const { name } = await vsphere.properties.get(info.entity as Reference<'VirtualMachine'>, ['name']);
      expect(name).toBe('imported');
      expect((await vsphere.properties.get(lease, ['state']).catch(() => ({ state: 'done' }))).state).toBe('done');
      const second = await importLease(vsphere, 'refused');
      const failed = vsphere.leases.use(second, async () => {
        throw new Error('the work failed');
      });
      await expect(failed).rejects.toThrow('the work failed');
      const after = await vsphere.properties.get(second, ['state']).catch(() => ({ state: 'error' }));
      expect(after.state).toBe('error');
    });
  });
});

async function importLease(vsphere: Vsphere, name: string): Promise<Reference<'HttpNfcLease'>> {
  const from = vsphere.content.rootFolder;
  const [pool] = await collect(vsphere.properties.retrieve({ from, type: 'ResourcePool', paths: ['name'] }));
  const [datacenter] = await collect(vsphere.properties.retrieve({ from, type: 'Datacenter', paths: ['vmFolder'] }));
  if (!pool) throw new Error('There is no resource pool.');
  const controller = { $type: 'ParaVirtualSCSIController', key: 1000, busNumber: 0, sharedBus: 'noSharing' } as const;
  const backing = {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: '',
    diskMode: 'persistent',
    thinProvisioned: true,
  } as const;
  const disk = {
    $type: 'VirtualDisk',
    key: -1,
    controllerKey: 1000,
    unitNumber: 0,
    capacityInKB: 4096n,
    backing,
  } as const;
  const deviceChange = [
    { operation: 'add' as const, device: controller },
    { operation: 'add' as const, fileOperation: 'create' as const, device: disk },
  ];
  const configSpec = {
    name,
    numCPUs: 1,
    memoryMB: 64n,
    guestId: 'otherGuest',
    files: { vmPathName: '[LocalDS_0]' },
    deviceChange,
  };
  const spec = { $type: 'VirtualMachineImportSpec', configSpec } as const;
  return vsphere.invoke(pool.ref, 'ImportVApp', { spec, folder: datacenter?.properties.vmFolder });
}
