import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createCompute, imageFile, newInstanceId } from '@virt-drivers/compute';
import { mebibytes } from '@virt-drivers/core';
import { collect, ovf, tar } from '@virt-drivers/image-corpus';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { openCenter } from './center.mjs';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await openCenter();
afterAll(() => center?.stop());

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Content that is nothing else than a disk of bytes. */
const disk = (mebibytesOfIt, text) => Buffer.alloc(mebibytesOfIt * 1_048_576, `${text} `);

/** A package of these disks, stream-optimised, with a manifest. */
async function ova(disks) {
  const files = [];
  for (const [index, content] of disks.entries()) {
    const written = writeStreamOptimised(Readable.from([content]), { sizeBytes: BigInt(content.length), level: 1 });
    files.push({ name: `disk${index}.vmdk`, content: await collect(written) });
  }
  const described = disks.map(({ length }) => ({ capacity: String(length), units: 'byte' }));
  const members = [{ name: 'web.ovf', content: Buffer.from(ovf({ disks: described })) }, ...files];
  const lines = members.map(({ name, content }) => `SHA256(${name})= ${sha256(content)}\n`);
  return tar([...members, { name: 'web.mf', content: Buffer.from(lines.join('')) }]);
}

describeWith('instances on a vCenter', center, (center) => {
  const compute = center && createCompute(center.session, { gate: center.gate });
  const root = disk(3, 'root disk');
  let before;
  let image;
  beforeAll(async () => {
    before = { machines: await center.machines(), files: await center.files() };
    const file = join(center.directory, 'root.raw');
    await writeFile(file, root);
    image = { input: imageFile(file), declaration: { format: 'raw' } };
  });
  afterEach(async () => {
    for await (const { instanceId } of compute.list()) await compute.destroy(instanceId);
    expect(await center.machines()).toEqual(before.machines);
    expect(await center.files()).toEqual(before.files);
    expect(center.proxy.refused).toEqual([]);
  });
  const spawn = async (more = {}) => {
    const instanceId = newInstanceId();
    const name = `flow ${instanceId.slice(0, 4)}`;
    const spec = {
      instanceId,
      name,
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      image,
      root: {},
      ...more,
    };
    return { instanceId, name, instance: await compute.spawn(spec) };
  };
  const read = async (volume) => sha256(await collect(center.session.volumes.export(volume)));
  const stopped = (instanceId) => compute.power.stop(instanceId, { force: true });

  it('from an image, with disks of its own, and gone without a trace', async () => {
    const { instanceId, name, instance } = await spawn({
      root: { sizeBytes: mebibytes(8) },
      ephemerals: [{ sizeBytes: mebibytes(2) }],
      swap: { sizeBytes: mebibytes(1) },
      configDrive: { metadata: { purpose: 'flows' } },
    });
    expect((await compute.show(instanceId)).machine.state).toBe('running');
    // Roles are in the record, whatever the files are called.
    expect(instance.record.disks.map(({ role }) => role)).toEqual(['root', 'ephemeral', 'swap', 'config']);
    expect(await center.machines()).toContain(`/DC0/vm/${name}`);
    expect(await center.disksOf(name)).toHaveLength(3);
    await stopped(instanceId);
    const content = await collect(center.session.volumes.export(instance.record.disks[0].volume));
    expect(content.length).toBe(8 * 1_048_576);
    expect(sha256(content.subarray(0, root.length))).toBe(sha256(root));
  });

  it('from a package with three disks', async () => {
    const disks = [root, disk(2, 'second'), disk(1, 'third')];
    const file = join(center.directory, 'web.ova');
    await writeFile(file, await ova(disks));
    const { instanceId, name, instance } = await spawn({
      image: { input: imageFile(file), declaration: { format: 'ova' } },
      start: false,
    });
    const { disks: made } = instance.record;
    expect(made.map(({ role }) => role)).toEqual(['root', 'image', 'image']);
    for (const [index, { volume }] of made.entries()) expect(await read(volume)).toBe(sha256(disks[index]));
    expect(await center.disksOf(name)).toEqual(made.map(({ volume }) => `[LocalDS_0] ${volume.key}`));
    expect(await compute.destroy(instanceId)).toBe(true);
  });

  it('a volume comes, grows while the machine runs, and stays when the instance goes', async () => {
    const [pool] = await center.session.volumes.pools().all();
    const volume = await center.session.volumes.create({ pool: pool.id, name: 'data', sizeBytes: mebibytes(2) });
    const { instanceId, name } = await spawn();
    await compute.attachVolume(instanceId, volume.id);
    expect(await center.disksOf(name)).toContain(`[LocalDS_0] ${volume.id.key}`);
    await compute.extendVolume(instanceId, volume.id, mebibytes(4));
    expect((await center.session.volumes.get(volume.id)).sizeBytes).toBe(mebibytes(4));
    await compute.destroy(instanceId);
    expect((await center.session.volumes.get(volume.id)).attachedTo).toEqual([]);
    await center.session.volumes.delete(volume.id);
  });

  it('resize: confirmed, and reverted', async () => {
    const { instanceId } = await spawn();
    const wish = { cpu: { count: 2 }, memory: { sizeBytes: mebibytes(128) }, root: mebibytes(6) };
    const facts = async () => {
      const { machine } = await compute.show(instanceId);
      return [machine.cpu.count, machine.memory.sizeBytes, machine.disks[0].sizeBytes];
    };
    await compute.resize(instanceId, wish);
    expect(await facts()).toEqual([2, mebibytes(128), mebibytes(6)]);
    await compute.revertResize(instanceId);
    expect(await facts()).toEqual([1, mebibytes(64), mebibytes(3)]);
    await compute.resize(instanceId, wish);
    await compute.confirmResize(instanceId);
    expect(await facts()).toEqual([2, mebibytes(128), mebibytes(6)]);
    await stopped(instanceId);
    const { record } = await compute.show(instanceId);
    const content = await collect(center.session.volumes.export(record.disks[0].volume));
    expect(sha256(content.subarray(0, root.length))).toBe(sha256(root));
  });

  it('rescue and back, rebuild with the kept ephemeral disk', async () => {
    const { instanceId } = await spawn({ ephemerals: [{ sizeBytes: mebibytes(2) }] });
    const disksNow = async () => (await compute.show(instanceId)).machine.disks.map(({ volume }) => volume?.key);
    const ours = await disksNow();
    await compute.rescue(instanceId, { image });
    expect((await disksNow()).length).toBeGreaterThan(ours.length);
    await compute.unrescue(instanceId);
    expect(await disksNow()).toEqual(ours);
    const other = join(center.directory, 'other.raw');
    await writeFile(other, disk(3, 'rebuilt'));
    await compute.rebuild(instanceId, { image: { input: imageFile(other), declaration: { format: 'raw' } } });
    await stopped(instanceId);
    const { record } = await compute.show(instanceId);
    expect(await read(record.disks.find(({ role }) => role === 'root').volume)).toBe(sha256(disk(3, 'rebuilt')));
  });

  it('an image of a stopped instance is what its disk holds', async () => {
    const { instanceId } = await spawn({ start: false });
    const hash = createHash('sha256');
    await compute.saveImage(instanceId, async ({ content }) => {
      for await (const piece of content) hash.update(piece);
    });
    expect(hash.digest('hex')).toBe(sha256(root));
  });

  const hostNamed = async (name) => (await center.session.hosts.list().all()).find((host) => host.name === name).id;
  const memberOf = async (name) => (await center.hostOf(name)).replace(/^.*\//, '');

  it('moves to another host as it is, running or stopped, with its disks', async () => {
    const host = await hostNamed('DC0_C0_H0');
    const { instanceId, name, instance } = await spawn({ host, ephemerals: [{ sizeBytes: mebibytes(1) }] });
    const disks = instance.record.disks.map(({ volume }) => volume.key);
    const moved = await compute.migrate(instanceId, center.session, { host: await hostNamed('DC0_C0_H1') });
    expect(moved.instance.machine.state).toBe('running');
    expect(await memberOf(name)).toBe('DC0_C0_H1');
    await stopped(instanceId);
    await compute.migrate(instanceId, center.session, { host: await hostNamed('DC0_H0') });
    const { machine, record } = await compute.show(instanceId);
    expect([machine.state, await memberOf(name)]).toEqual(['stopped', 'DC0_H0']);
    expect(record.disks.map(({ volume }) => volume.key)).toEqual(disks);
    expect(await center.disksOf(name)).toEqual(disks.map((key) => `[LocalDS_0] ${key}`));
    expect(await read(record.disks[0].volume)).toBe(sha256(root));
  });

  it('a move that fails at any task leaves the instance where it was, and may be repeated', async () => {
    const host = await hostNamed('DC0_C0_H0');
    const to = { host: await hostNamed('DC0_C0_H1') };
    const { instanceId, name } = await spawn({ host });
    for (let nth = 1; ; nth += 1) {
      let seen = 0;
      const end = center.proxy.faults.everyCall(({ method }) =>
        method.endsWith('_Task') && ++seen === nth ? { kind: 'failing-task', type: 'MigrationFault' } : undefined,
      );
      const result = await compute.migrate(instanceId, center.session, to).catch((error) => error);
      end();
      if (result instanceof Error) expect(result.code).toMatch(/^MIGRATION\./);
      await compute.reconcile();
      const { machine } = await compute.show(instanceId);
      expect(machine.state).toBe('running');
      if (seen < nth) break;
      if ((await memberOf(name)) !== 'DC0_C0_H0') await compute.migrate(instanceId, center.session, { host });
    }
    expect(await memberOf(name)).toBe('DC0_C0_H1');
  });

  it('snapshots: taken, gone back to, and forgotten', async () => {
    const { instanceId, name } = await spawn({ start: false });
    const first = await compute.snapshots.create(instanceId, { name: 'before' });
    expect(await center.peer.govc(['snapshot.tree', '-vm', name])).toContain('before');
    await compute.snapshots.revert(instanceId, first.id);
    await compute.snapshots.delete(instanceId, first.id);
    expect(await compute.snapshots.list(instanceId)).toEqual([]);
    expect(await center.peer.govc(['snapshot.tree', '-vm', name])).not.toContain('before');
    const { record } = await compute.show(instanceId);
    expect(await read(record.disks[0].volume)).toBe(sha256(root));
  });

  it('five at once, of one image', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => spawn()));
    expect(await center.machines()).toHaveLength(before.machines.length + 5);
    await Promise.all(all.map(({ instanceId }) => compute.destroy(instanceId)));
  });

  it('a spawn that fails at any task leaves nothing', async () => {
    for (let nth = 1; ; nth += 1) {
      let seen = 0;
      const end = center.proxy.faults.everyCall(({ method }) =>
        method.endsWith('_Task') && ++seen === nth ? { kind: 'failing-task', type: 'NoDiskSpace' } : undefined,
      );
      const result = await spawn().catch((error) => error);
      end();
      if (seen < nth) break;
      if (result instanceof Error) expect(result.code).toBe('POOL.FULL');
      else await compute.destroy(result.instanceId);
      expect(await center.machines()).toEqual(before.machines);
      expect(await center.files()).toEqual(before.files);
    }
  });

  it('an instance whose volumes another client removed is reconciled', async () => {
    const { instanceId, name } = await spawn({ start: false });
    await center.peer.govc(['vm.destroy', name]);
    await compute.reconcile();
    expect(await compute.destroy(instanceId)).toBe(false);
  });
});
