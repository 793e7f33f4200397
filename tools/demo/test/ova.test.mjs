import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createCompute, imageFile, newInstanceId, openImageCache } from '@virt-drivers/compute';
import { bytes, mebibytes } from '@virt-drivers/core';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { guestImage } from '@virt-drivers/guest-image';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { ovf } from '@virt-drivers/image-corpus';

const run = promisify(execFile);
const real = await requirePeer(async () => ({ guest: await guestImage(), peer: await startLibvirt({ name: 'ova' }) }));
afterAll(() => real?.peer.stop());

const hashOf = async (stream) => {
  const hash = createHash('sha256');
  for await (const piece of stream) hash.update(piece);
  return hash.digest('hex');
};

/** The guest's own disk and two more, packed by tar, with a manifest. Gives the digest and size of every disk. */
async function makeOva(directory, guestRaw) {
  const more = [3, 5].map((size) => Buffer.alloc(size * 1_048_576, `further disk ${size} `));
  const raws = [guestRaw, ...more.map((_, index) => join(directory, `more${index}.raw`))];
  await Promise.all(more.map((content, index) => writeFile(raws[index + 1], content)));
  const disks = [];
  for (const [index, raw] of raws.entries()) {
    const { size } = await stat(raw);
    const written = writeStreamOptimised(createReadStream(raw), { sizeBytes: BigInt(size), level: 1 });
    await pipeline(Readable.from(written), createWriteStream(join(directory, `disk${index}.vmdk`)));
    disks.push({ size, sha256: await hashOf(createReadStream(raw)) });
  }
  await writeFile(
    join(directory, 'web.ovf'),
    ovf({ disks: disks.map(({ size }) => ({ capacity: String(size), units: 'byte' })) }),
  );
  const files = ['web.ovf', ...disks.map((_, index) => `disk${index}.vmdk`)];
  const digests = await Promise.all(files.map((file) => hashOf(createReadStream(join(directory, file)))));
  await writeFile(
    join(directory, 'web.mf'),
    files.map((file, index) => `SHA256(${file})= ${digests[index]}\n`).join(''),
  );
  await run('tar', ['--format=ustar', '-cf', 'web.ova', ...files, 'web.mf'], { cwd: directory });
  return disks;
}

describeWith('an OVA with three disks on a real hypervisor', real, (real) => {
  let directory;
  let session;
  let disks;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ova-'));
    disks = await makeOva(directory, real.guest.raw);
    session = await libvirt.open({ target: real.peer.uri });
  });
  afterAll(async () => {
    await session?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('becomes a guest that boots from the first and sees the others', async () => {
    const compute = createCompute(session, { gate: { cache: await openImageCache(join(directory, 'cache')) } });
    const instanceId = newInstanceId();
    const { record } = await compute.spawn({
      instanceId,
      name: 'from a package',
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(128) },
      image: { input: imageFile(join(directory, 'web.ova')), declaration: { format: 'ova' } },
      root: {},
      serialPort: true,
    });
    expect(record.disks.map(({ role, origin }) => [role, origin.sha256])).toEqual(
      disks.map(({ sha256 }, index) => [index === 0 ? 'root' : 'image', sha256]),
    );
    const said = await console(compute, instanceId, /GUEST: ready\b/);
    const seen = [...said.matchAll(/GUEST: has disk:vd(\w) bytes=(\d+)/g)].map(([, letter, size]) => [
      letter,
      Number(size),
    ]);
    expect(seen).toEqual(['a', 'b', 'c'].map((letter, index) => [letter, disks[index].size]));
    expect(said).toMatch(/GUEST: boots 1\b/);

    await compute.power.stop(instanceId, { force: true });
    // The guest wrote to the first; the others are what was packed.
    for (const [index, { sha256, size }] of disks.entries()) {
      const { volume, sizeBytes } = record.disks[index];
      expect(sizeBytes).toBe(String(bytes(size)));
      if (index > 0) expect(await hashOf(session.volumes.export(volume))).toBe(sha256);
    }
    await compute.destroy(instanceId);
    const left = await real.peer.virsh(['vol-list', 'default']);
    expect(left).not.toContain(instanceId);
    expect((await readFile(join(directory, 'web.mf'), 'utf8')).split('\n')).toHaveLength(5);
  });
});

/** What the guest printed until it said this. */
async function console(compute, instanceId, until) {
  let text = '';
  const decoder = new TextDecoder();
  const options = { signal: AbortSignal.timeout(120_000) };
  for await (const piece of compute.consoleLog(instanceId, { follow: true }, options)) {
    text += decoder.decode(piece, { stream: true });
    if (until.test(text)) return text;
  }
  throw new Error(`The console ended before the guest said ${until}: ${text.slice(-500)}`);
}
