import { afterAll, expect, test } from '@jest/globals';
import { bytes, mebibytes, type ContentVolume, type OpenDriver, type Pool, type Volume } from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import type { Rule } from '@virt-drivers/vcsim-proxy';
import { simulatedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await simulatedCenter();
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
  // The simulator has none: its datastore says that it is one.
  const asObjects: Rule = ({ method }) =>
    method !== 'RetrievePropertiesEx'
      ? undefined
      : {
          kind: 'rewrite',
          rewrite: (answer) => ({ ...answer, body: Buffer.from(asVsan(answer.body.toString())) }),
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
      let calls = 0;
      proxy.faults.clear();
      proxy.faults.everyCall(({ method }) => {
        if (!/_Task$|^ImportVApp$|^HttpNfcLeaseComplete$/.test(method)) return undefined;
        if (++calls !== nth) return undefined;
        return method.endsWith('_Task')
          ? { kind: 'failing-task', type: 'NoDiskSpace' }
          : { kind: 'fault', type: 'NoDiskSpace' };
      });
      proxy.faults.everyCall(asObjects);
      const result = await importInto(driver, content(pool, 'half')).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (calls < nth) {
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
});

async function importInto({ volumes }: OpenDriver, volume: ContentVolume): Promise<Volume> {
  if (!volumes.createFromContent) throw new Error('The driver takes no content.');
  return (await volumes.createFromContent(volume)).result();
}

const asVsan = (xml: string): string =>
  xml
    .replace(/(<type>)OTHER(<\/type>)/g, '$1vsan$2')
    .replace(/(<name>summary\.type<\/name><val[^>]*>)OTHER(<\/val>)/g, '$1vsan$2');
