import { afterAll, expect, test } from '@jest/globals';
import { bytes, mebibytes, type ContentVolume, type OpenDriver, type Pool, type Volume } from '@virt-drivers/core';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from '@virt-drivers/vcsim-proxy';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter();
afterAll(() => center?.stop());

describeWith('a datastore that keeps disks as objects', center, (center) => {
  const { proxy, witness } = center;
  const SIZE = 3 * 1_048_576;
  const pieces = Array.from({ length: SIZE / 65_536 }, (_, index) => new Uint8Array(65_536).fill(index + 1));
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  const hex = hash.digest('hex');
  const content = (pool: Pool, name: string): ContentVolume => ({
    pool: pool.id,
    name,
    format: 'vmdk',
    sizeBytes: mebibytes(4),
    content: {
      format: 'raw',
      sizeBytes: bytes(SIZE),
      virtualSizeBytes: bytes(SIZE),
      checksum: { algorithm: 'sha256', hex },
      async *open() {
        yield* pieces;
      },
    },
  });
  const imageOf = (pool: Pool) => content(pool, 'image').content;
  // The simulator has none: its datastore says that it is one.
  const asObjects: Rule = ({ method }) =>
    method !== 'RetrievePropertiesEx'
      ? undefined
      : {
          kind: 'rewrite',
          rewrite: (answer) => ({ ...answer, body: Buffer.from(asVsan(answer.body.toString())) }),
        };
  /** The call that counts as this one has no room; the result says how many there were. */
  const failAt = (nth: number): (() => number) => {
    let calls = 0;
    proxy.faults.clear();
    proxy.faults.everyCall(({ method }) => {
      if (!/_Task$|^ImportVApp$|^HttpNfcLeaseComplete$/.test(method) || ++calls !== nth) return undefined;
      return { kind: method.endsWith('_Task') ? 'failing-task' : 'fault', type: 'NoDiskSpace' };
    });
    proxy.faults.everyCall(asObjects);
    return () => calls;
  };
  const opened = async (): Promise<{ driver: OpenDriver; pool: Pool }> => {
    proxy.faults.everyCall(asObjects);
    const driver = await center.open();
    const [pool] = await driver.volumes.pools().all();
    if (!pool) throw new Error('There is no pool.');
    expect(pool.kind).toBe('object');
    // On a real one its namespace manager makes this folder; the simulator's refuses what is none of its own making.
    await center.peer.govc(['datastore.mkdir', '-ds', pool.name, '-p', 'virt-drivers']);
    return { driver, pool };
  };

  test('content comes by a lease, and nothing but the volume is left', async () => {
    const { driver, pool } = await opened();
    const before = await witness();
    const seen = proxy.requests.length;
    const volume = await importInto(driver, content(pool, 'imported'));
    expect(volume.sizeBytes).toBe(mebibytes(4));
    const asked = proxy.requests.slice(seen).map(({ method }) => method);
    // No file is written; the disk itself goes to the address of the lease.
    expect(asked.filter((method) => /^PUT /.test(method))).toEqual([]);
    expect(asked.filter((method) => /^(ImportVApp|HttpNfcLeaseComplete|MoveVirtualDisk_Task)$/.test(method))).toEqual([
      'ImportVApp',
      'HttpNfcLeaseComplete',
      'MoveVirtualDisk_Task',
    ]);
    const after = await witness();
    expect(after.machines).toEqual(before.machines);
    expect(after.files.filter((file) => file.includes('/imported/') || file.includes('vd-import'))).toHaveLength(2);
    // The object itself goes by its manager, before its folder.
    await driver.volumes.delete(volume.id);
    const last = proxy.requests.map(({ method }) => method);
    expect(last.lastIndexOf('DeleteVirtualDisk_Task')).toBeLessThan(last.lastIndexOf('DeleteDatastoreFile_Task'));
    expect((await witness()).files).toEqual(before.files);
    proxy.faults.clear();
  });

  test('an import that goes wrong at any call leaves neither machine, lease nor file', async () => {
    const { driver, pool } = await opened();
    const before = await witness();
    for (let nth = 1; ; nth += 1) {
      const calls = failAt(nth);
      const result = await importInto(driver, content(pool, 'half')).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (calls() < nth) {
        expect(result).toBeUndefined();
        break;
      }
      expect(result).toMatchObject({ code: 'POOL.FULL' });
      const after = await witness();
      expect(after.machines).toEqual(before.machines);
      expect(after.files.filter((file) => /\/half\/|vd-import/.test(file))).toEqual([]);
    }
    proxy.faults.clear();
  });

  test('a volume is handed out by a lease, also where its reader leaves early, and nothing else is left', async () => {
    const { driver, pool } = await opened();
    proxy.settings.streamOptimised = (raw, sizeBytes) => writeStreamOptimised(raw, { sizeBytes });
    const volume = await driver.volumes.create({ pool: pool.id, name: 'handed', sizeBytes: mebibytes(4) });
    const file = join(center.peer.directory, 'handed');
    await writeFile(file, Buffer.concat(pieces));
    await center.peer.govc(['datastore.upload', '-ds', pool.name, file, 'virt-drivers/handed/handed-flat.vmdk']);
    const before = await witness();
    const exported = (): AsyncIterable<Uint8Array> => {
      if (!driver.volumes.export) throw new Error('The driver exports nothing.');
      return driver.volumes.export(volume.id);
    };
    const read: Uint8Array[] = [];
    for await (const piece of exported()) read.push(piece);
    const content = Buffer.concat(read);
    expect(content.length).toBe(4 * 1_048_576);
    expect(createHash('sha256').update(content.subarray(0, SIZE)).digest('hex')).toBe(hex);
    expect(content.subarray(SIZE).every((byte) => byte === 0)).toBe(true);
    expect(proxy.takeShimmed()).toContain('ExportVm');
    expect(await witness()).toEqual(before);
    for await (const _ of exported()) break;
    expect(await witness()).toEqual(before);
    proxy.faults.next('ExportVm', { kind: 'fault', type: 'NoDiskSpace' });
    await expect(exported()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'POOL.FULL' });
    expect(await witness()).toEqual(before);
    await driver.volumes.delete(volume.id);
    proxy.faults.clear();
  });

  test('an image is kept there, found, copied by volumes, and removed with its object', async () => {
    const { driver, pool } = await opened();
    const before = await witness();
    // On a real one only its namespace manager makes what is at the top.
    const tops: string[] = [];
    proxy.faults.everyCall(({ method, operation }) => {
      const said = JSON.stringify(operation);
      if (method === 'CreateDirectory') {
        tops.push(/"displayName".*?"text":"([^"]+)"/.exec(said)?.[1] ?? '');
        return { kind: 'rewrite', rewrite: (answer) => ({ ...answer, status: 200, body: Buffer.from(MADE) }) };
      }
      if (method !== 'MakeDirectory' || !said.includes('virt-drivers-images') || tops.length > 0) return undefined;
      return { kind: 'fault', type: 'CannotCreateFile' };
    });
    const ensure = async () => (await driver.images?.ensure(pool.id, imageOf(pool)))?.result();
    const image = await ensure();
    expect(tops).toEqual(['virt-drivers-images']);
    expect(image).toMatchObject({ format: 'vmdk', virtualSizeBytes: bytes(SIZE), users: 0 });
    const imports = () => proxy.requests.filter(({ method }) => method === 'ImportVApp').length;
    const [once] = [imports()];
    await ensure();
    expect(imports()).toBe(once);
    expect((await driver.images?.list(pool.id).all())?.map(({ checksum }) => checksum.hex)).toEqual([hex]);
    if (!image) throw new Error('The driver keeps no images.');
    const task = await driver.volumes.createFromVolume?.({ pool: pool.id, name: 'of-image', source: image.volume });
    const volume = await task?.result();
    expect(volume?.sizeBytes).toBe(image.virtualSizeBytes);
    if (volume) await driver.volumes.delete(volume.id);
    const calls = proxy.requests.length;
    await driver.images?.remove(pool.id, image.checksum);
    const made = proxy.requests.slice(calls).map(({ method }) => method);
    expect(made.filter((method) => /^Delete/.test(method))).toEqual([
      'DeleteVirtualDisk_Task',
      'DeleteDatastoreFile_Task',
    ]);
    expect(await driver.images?.find(pool.id, image.checksum)).toBeUndefined();
    expect((await witness()).files.filter((file) => !file.endsWith('virt-drivers-images'))).toEqual(before.files);
    proxy.faults.clear();
  });

  test('an image whose import goes wrong at any call leaves neither machine nor file', async () => {
    const { driver, pool } = await opened();
    const before = await witness();
    for (let nth = 1; ; nth += 1) {
      const calls = failAt(nth);
      const task = await driver.images?.ensure(pool.id, imageOf(pool));
      const result = await task?.result().catch((error: unknown) => error);
      if (calls() < nth) break;
      expect(result).toMatchObject({ code: 'POOL.FULL' });
      const after = await witness();
      expect(after.machines).toEqual(before.machines);
      expect(after.files.filter((file) => /virt-drivers-images\/|vd-import/.test(file))).toEqual([]);
    }
    proxy.faults.clear();
    proxy.faults.everyCall(asObjects);
    await driver.images?.remove(pool.id, { algorithm: 'sha256', hex });
    proxy.faults.clear();
  });
});

async function importInto({ volumes }: OpenDriver, volume: ContentVolume): Promise<Volume> {
  if (!volumes.createFromContent) throw new Error('The driver takes no content.');
  return (await volumes.createFromContent(volume)).result();
}

const asVsan = (xml: string): string =>
  xml
    .replace(/(<type>)OTHER(<\/type>)/g, '$1vsan$2')
    .replace(/(<name>summary\.type<\/name><val[^>]*>)OTHER(<\/val>)/g, '$1vsan$2');

/** What a server answers that made a namespace. */
const MADE =
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<CreateDirectoryResponse xmlns="urn:vim25"><returnval>/vmfs/volumes/vsan:1/2</returnval></CreateDirectoryResponse>' +
  '</soapenv:Body></soapenv:Envelope>';
