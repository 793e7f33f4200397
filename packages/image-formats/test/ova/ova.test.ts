import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesInMemory, inspectOva, openOva, openSparseVmdk, type ByteSource } from '../../src/index.js';
import { collect, HOSTILE_OVAS, manifest, ovf, record, soundDisk, soundOva, tar } from '@virt-drivers/image-corpus';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
const inspect = (content: Buffer) => inspectOva(bytesInMemory(content));

const DISK = soundDisk();

describe('an OVA', () => {
  test('with several disks is opened in place, in the order of its drives', async () => {
    const disks = [{ place: '2' }, { place: '0', capacity: '1048576', units: 'byte' }, { parent: '4', place: '1' }];
    const found = await inspect(soundOva({ disks }, DISK, DISK, DISK));
    expect(found).toMatchObject({ problems: [], hasManifest: true, hasCertificate: false });
    expect(found.disks.map(({ file, controller, unitNumber }) => [file?.href, controller, unitNumber])).toEqual([
      ['disk1.vmdk', { kind: 'pvscsi', busNumber: 0 }, 0],
      ['disk0.vmdk', { kind: 'pvscsi', busNumber: 0 }, 2],
      ['disk2.vmdk', { kind: 'ide', busNumber: 1 }, 1],
    ]);
    expect(found.disks.map(({ image }) => image?.format)).toEqual(['vmdk', 'vmdk', 'vmdk']);
  });

  test('gives the content of its disks', async () => {
    const { disks } = await openOva(bytesInMemory(soundOva()));
    const content = disks[0]?.content;
    if (!content) throw new Error('there is no disk');
    expect(await collect((await openSparseVmdk(content)).raw())).toEqual(Buffer.alloc(1_048_576, 'content '));
  });

  test.each(['sha1', 'sha256', 'sha512'])('with a manifest in %s is checked', async (algorithm) => {
    const members = [
      { name: 'web.ovf', content: Buffer.from(ovf()) },
      { name: 'disk0.vmdk', content: DISK },
    ];
    const found = await inspect(tar([...members, manifest(members, algorithm)]));
    expect(found).toMatchObject({ problems: [], hasManifest: true });
    expect(found.disks[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('may be signed; nobody claims to have checked that', async () => {
    const members = [
      { name: 'web.ovf', content: Buffer.from(ovf()) },
      { name: 'disk0.vmdk', content: DISK },
    ];
    const signed = tar([...members, manifest(members), { name: 'web.cert', content: Buffer.from('signature') }]);
    expect(await inspect(signed)).toMatchObject({ problems: [], hasManifest: true, hasCertificate: true });
  });

  test('may have times and sizes in extended headers', async () => {
    const times = {
      name: 'pax',
      type: 'x',
      content: Buffer.concat([record('mtime', '1.5'), record('size', String(DISK.length))]),
    };
    const members = [{ name: 'web.ovf', content: Buffer.from(ovf()) }, times, { name: 'disk0.vmdk', content: DISK }];
    expect(await inspect(tar(members))).toMatchObject({ problems: [], hasManifest: false });
  });

  test.each(Object.entries(HOSTILE_OVAS))('with %s is refused', async (_name, [kind, content]) => {
    const { problems } = await inspect(content());
    expect(problems).not.toEqual([]);
    expect(problems[0]).toMatchObject({ kind });
    expect(problems[0]?.message).toMatch(/^[^\p{C}]+\.$/u);
  });

  test('survives any change of any package, within bounds', async () => {
    const seeds = [soundOva(), ...Object.values(HOSTILE_OVAS).map(([, content]) => content())].filter(
      ({ length }) => length < 200_000,
    );
    const change = fc.record({
      at: fc.oneof(fc.nat(6_000), fc.nat()),
      value: fc.uint8Array({ minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seeds.length - 1),
        fc.array(change, { maxLength: 4 }),
        fc.nat(9),
        async (seed, changes, keep) => {
          const whole = Buffer.from(seeds[seed] ?? '');
          for (const { at, value } of changes) if (whole.length > 6) whole.set(value, at % (whole.length - 6));
          const content = keep === 0 ? whole.subarray(0, whole.length >> 1) : whole;
          const source = metered(content);
          const found = await inspectOva(source);
          expect(Array.isArray(found.problems)).toBe(true);
          // Once for digests, once at most for tables, and headers.
          expect(source.total()).toBeLessThanOrEqual(content.length * 5 + 1_000_000);
        },
      ),
      { numRuns: RUNS },
    );
  }, 120_000);
});

function metered(content: Buffer): ByteSource & { readonly total: () => number } {
  const source = bytesInMemory(content);
  let total = 0;
  return {
    ...source,
    total: () => total,
    read: async (offset, length) => {
      const piece = await source.read(offset, length);
      total += piece.length;
      return piece;
    },
  };
}
