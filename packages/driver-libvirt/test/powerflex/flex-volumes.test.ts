import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bytes, mebibytes, poolId, type Machine, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { requirePeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFlexGround } from './flex-ground.js';

const GIB = 1n << 30n;
const LONG = 60_000;

const flex = await requirePeer(() => startFlexGround('flex-volumes'));

afterAll(() => flex?.stop(), LONG);

// The gateway is simulated, and files stand for devices; libvirt and QEMU are real.
describeWith('a pool of PowerFlex, simulated', flex, ({ fake, pool, peer, open }) => {
  const { system } = fake;
  let here: OpenDriver;
  let serial = 0;

  beforeAll(async () => (here = await open()), LONG);
  afterAll(() => here.close());
  afterEach(() => expect([...system.volumes.values()].map(({ name }) => name)).toEqual([]));

  const blank = (sizeBytes = mebibytes(1)) => here.volumes.create({ pool, name: `v${(serial += 1)}`, sizeBytes });
  const machineWith = (...volumes: VolumeId[]): Promise<Machine> =>
    here.machines.create({
      name: 'flexible',
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      boot: { firmware: 'bios' },
      disks: volumes.map((volume) => ({ volume })),
      nics: [],
    });
  const idOf = ({ key }: VolumeId) => key.slice(-16);
  const mapped = (id: VolumeId) => [...system.volume(idOf(id)).mapped];

  it('is a pool of blocks that hosts share, with the figures of the gateway', async () => {
    expect(await here.volumes.pool(pool)).toMatchObject({
      kind: 'block',
      state: 'ready',
      shared: true,
      formats: ['raw'],
      capacityBytes: 800n * GIB,
      freeBytes: 800n * GIB,
    });
  });

  it(
    'is unavailable while the gateway is away, and everything else works',
    async () => {
      const away = await open({ gateway: 'https://127.0.0.1:1' });
      const states = (await away.volumes.pools().all()).map(({ name, state }) => [name, state]);
      expect(states).toEqual(
        expect.arrayContaining([
          ['flex', 'unavailable'],
          ['default', 'ready'],
        ]),
      );
      await expect(away.volumes.list(pool, { deadline: deadlineIn({ seconds: 1 }) }).all()).rejects.toMatchObject({
        code: expect.stringMatching(/^(POOL\.UNAVAILABLE|CALL\.DEADLINE_EXCEEDED)$/),
      });
      const file = await away.volumes.create({ pool: poolId('default'), name: 'file', sizeBytes: mebibytes(1) });
      await away.machines.delete((await machineWith(file.id)).id);
      await away.volumes.delete(file.id);
      await away.close();
    },
    LONG,
  );

  it('gives sizes of whole 8 GiB, ids that tell system and volume, and names as long as the gateway takes', async () => {
    const name = 'instance-6e0f2f53-8a41-4c4e-9d51-6b3a0f8d9d11-root';
    const made = await here.volumes.create({ pool, name, sizeBytes: mebibytes(1), provisioning: 'thick' });
    expect(made).toMatchObject({ sizeBytes: 8n * GIB, allocatedBytes: 8n * GIB, format: 'raw' });
    expect(made.id.key).toBe(`emc-vol-${system.id}-${idOf(made.id)}`);
    expect([made.name.length, made.name.startsWith('instance-6e0f2')]).toEqual([31, true]);
    expect((await here.volumes.find({ pool, name }))?.id).toEqual(made.id);
    await expect(here.volumes.create({ pool, name, sizeBytes: mebibytes(1) })).rejects.toMatchObject({
      code: 'VOLUME.EXISTS',
    });
    const thin = await blank(bytes(9n * GIB));
    expect([thin.sizeBytes, thin.allocatedBytes]).toEqual([16n * GIB, undefined]);
    for (const { id } of [made, thin]) await here.volumes.delete(id);
  });

  it('refuses what is too large, and leaves nothing of it', async () => {
    await expect(blank(bytes(900n * GIB))).rejects.toMatchObject({ code: 'POOL.FULL' });
  });

  it('maps a volume to the host exactly while a machine has it', async () => {
    const [root, data] = [await blank(), await blank()];
    expect([mapped(root.id), mapped(data.id)]).toEqual([[], []]);
    const machine = await machineWith(root.id);
    expect([mapped(root.id), mapped(data.id)]).toEqual([[system.here.id], []]);
    const disk = await here.disks.attach(machine.id, { volume: data.id });
    expect(mapped(data.id)).toEqual([system.here.id]);
    expect((await here.volumes.get(data.id)).attachedTo).toEqual([machine.id]);
    // What is read while it is attached, stays.
    for await (const chunk of here.volumes.export?.(data.id) ?? []) if (chunk.length > 0) break;
    expect(mapped(data.id)).toEqual([system.here.id]);
    await here.disks.detach(machine.id, disk.id);
    expect(mapped(data.id)).toEqual([]);
    await here.machines.delete(machine.id);
    expect(mapped(root.id)).toEqual([]);
    for (const { id } of [root, data]) await here.volumes.delete(id);
  });

  it(
    'has a running machine use a volume that grows below it, and takes it back with the machine',
    async () => {
      const root = await blank();
      const machine = await machineWith(root.id);
      await here.power.start(machine.id);
      const grown = await here.volumes.grow(root.id, bytes(10n * GIB));
      expect(grown.sizeBytes).toBe(16n * GIB);
      const told = await peer.virsh(['domblkinfo', machine.id, 'vda']);
      expect(/Capacity:\s+(\d+)/.exec(String(told))?.[1]).toBe(String(16n * GIB));
      const hot = await blank();
      const disk = await here.disks.attach(machine.id, { volume: hot.id });
      expect(mapped(hot.id)).toEqual([system.here.id]);
      expect(disk.volume).toEqual(hot.id);
      await expect(here.volumes.delete(hot.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: machine.id });
      const { disks } = await here.machines.get(machine.id);
      await here.machines.delete(machine.id, { kill: true, withVolumesOf: disks.map(({ id }) => id) });
      expect(system.volumes.size).toBe(0);
    },
    LONG,
  );

  it('lets a volume alone that another host has', async () => {
    const volume = await blank();
    system.map(idOf(volume.id), system.elsewhere.id, false);
    await expect(machineWith(volume.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: 'elsewhere' });
    await expect(here.volumes.delete(volume.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy: 'elsewhere' });
    expect(mapped(volume.id)).toEqual([system.elsewhere.id]);
    expect(await here.machines.list().all()).toEqual([]);
    await system.unmap(idOf(volume.id), system.elsewhere.id);
    await here.volumes.delete(volume.id);
  });

  it(
    'takes the mapping back when the machine does not take the disk',
    async () => {
      const [root, data] = [await blank(), await blank()];
      const machine = await machineWith(root.id);
      await here.power.start(machine.id);
      // Nobody plugs SATA into a running machine.
      await expect(here.disks.attach(machine.id, { volume: data.id, bus: 'sata' })).rejects.toThrow();
      expect(mapped(data.id)).toEqual([]);
      await here.machines.delete(machine.id, { kill: true });
      for (const { id } of [root, data]) await here.volumes.delete(id);
    },
    LONG,
  );

  it(
    'takes the mapping back when no device appears, and says where to look',
    async () => {
      const volume = await blank();
      system.deviceDelay = Infinity;
      const failure = await here.disks
        .attach((await machineWith()).id, { volume: volume.id }, { deadline: deadlineIn({ seconds: 2 }) })
        .catch((error: unknown) => error);
      system.deviceDelay = 50;
      expect(failure).toMatchObject({ code: 'POOL.UNAVAILABLE', message: expect.stringContaining('scini') });
      expect(mapped(volume.id)).toEqual([]);
      for (const { id } of await here.machines.list().all()) await here.machines.delete(id);
      await here.volumes.delete(volume.id);
    },
    LONG,
  );

  it('says which option is wrong', async () => {
    const loose = join(peer.directory, 'loose');
    await writeFile(loose, 'x', { mode: 0o644 });
    await chmod(loose, 0o644);
    const wrong = [
      [{ protectionDomain: 'nowhere' }, 'POOL.NOT_FOUND'],
      [{ dataClient: 'nobody' }, 'HOST.NOT_FOUND'],
      [{ passwordFile: loose }, 'REQUEST.INVALID'],
      [{ caFile: join(peer.directory, 'no-such') }, 'REQUEST.INVALID'],
    ] as const;
    for (const [changed, code] of wrong) {
      const other = await open(changed);
      await expect(other.volumes.list(pool).all()).rejects.toMatchObject({ code });
      await other.close();
    }
    await expect(open({ gateway: 'http://127.0.0.1' })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    await expect(open({ deviceDirectory: '/dev/disk/elsewhere' })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });
});

const unpadded = await requirePeer(() => startFlexGround('flex-unpadded', { zeroPadding: false }));

afterAll(() => unpadded?.stop(), LONG);

describeWith('a pool of PowerFlex without zero padding, simulated', unpadded, ({ fake, pool, open }) => {
  describe('where new volumes show what others wrote', () => {
    it('makes none', async () => {
      const here = await open();
      await expect(here.volumes.create({ pool, name: 'v', sizeBytes: mebibytes(1) })).rejects.toMatchObject({
        code: 'CAPABILITY.CONDITION_UNMET',
      });
      expect(fake.system.volumes.size).toBe(0);
      await here.close();
    });
  });
});
