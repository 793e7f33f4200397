import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DriverError, mebibytes, poolId, type OpenDriver } from '@virt-drivers/core';
import { createCompute, newInstanceId, type Compute } from '../src/index.js';
import { fullSpec, memoryEndpoint, type MemoryEndpoint } from './memory-endpoint.js';

const nothing = { machines: [], volumes: [] };

describe('spawn and destroy', () => {
  let endpoint: MemoryEndpoint;
  let compute: Compute;
  beforeEach(async () => {
    endpoint = await memoryEndpoint();
    compute = createCompute(await endpoint.open(), { gate: endpoint.gate });
  });
  afterEach(() => endpoint.close());

  test('copies an image into a root that cannot continue it', async () => {
    const driver = await endpoint.open();
    const modes: (string | undefined)[] = [];
    const createFromVolume: NonNullable<OpenDriver['volumes']['createFromVolume']> = async (volume, options) => {
      modes.push(volume.mode);
      const text = 'A linked clone cannot be made in this format; make a full copy.';
      const condition = { needs: 'volume-format', value: 'qcow2', reason: text } as const;
      if (volume.mode === 'linked') throw new DriverError('CAPABILITY.CONDITION_UNMET', text, { condition });
      const made = await driver.volumes.createFromVolume?.(volume, options);
      if (!made) throw new Error('This endpoint copies nothing.');
      return made;
    };
    const choosy = { ...driver, volumes: { ...driver.volumes, createFromVolume } };
    const { machine, record } = await createCompute(choosy, { gate: endpoint.gate }).spawn(fullSpec());
    expect([modes, machine.state]).toEqual([['linked', 'full'], 'running']);
    const { volume } = record.disks[0] ?? {};
    const root = volume && (await driver.volumes.get({ pool: poolId(volume.pool), key: volume.key }));
    expect(root).toMatchObject({ name: expect.stringContaining('root') });
    expect(root).not.toHaveProperty('base');
  });

  test('makes an instance with every kind of disk and a record that knows them', async () => {
    const spec = fullSpec();
    const steps: string[] = [];
    const { machine, record } = await compute.spawn(spec, {
      onStep: ({ step, phase }) => void (phase === 'done' && steps.push(step)),
    });
    expect(steps).toEqual([
      'admit image',
      'plan disks',
      'check',
      'claim machine',
      ...['root', 'ephemeral0', 'swap', 'config'].map((part) => `create ${part}`),
      ...['root', 'ephemeral0', 'swap', 'config'].map((part) => `attach ${part}`),
      'start machine',
      'write record',
    ]);
    expect(machine).toMatchObject({ name: 'web 1', state: 'running', recordOwner: spec.instanceId });
    expect(record).toMatchObject({ schema: 1, phase: 'ready', instanceId: spec.instanceId, start: true });
    expect(record.journal).toBeUndefined();
    expect(record.disks.map(({ role, owned }) => [role, owned])).toEqual([
      ['root', true],
      ['ephemeral', true],
      ['swap', true],
      ['config', true],
    ]);
    expect(record.disks.map(({ volume }) => volume)).toEqual(machine.disks.map(({ volume }) => volume));
  });

  test('writes nothing secret into the record', async () => {
    const { Secret } = await import('@virt-drivers/core');
    const spec = fullSpec({
      configDrive: { adminPassword: new Secret('swordfish'), userData: Buffer.from('swordfish') },
    });
    const { record } = await compute.spawn(spec);
    expect(JSON.stringify(record)).not.toContain('swordfish');
  });

  test('destroys all of it, and again', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    expect(await compute.destroy(instanceId)).toBe(true);
    expect(await endpoint.leftovers()).toEqual(nothing);
    expect(await compute.destroy(instanceId)).toBe(false);
  });

  test('spawned again, returns what is there', async () => {
    const spec = fullSpec();
    const first = await compute.spawn(spec);
    const second = await compute.spawn(spec);
    expect(second.machine.id).toBe(first.machine.id);
    await expect(compute.spawn({ ...spec, name: 'another' })).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
  });

  test('after destroy the id may be used again', async () => {
    const spec = fullSpec();
    await compute.spawn(spec);
    await compute.destroy(spec.instanceId);
    await expect(compute.spawn({ ...spec, name: 'another' })).resolves.toMatchObject({ machine: { name: 'another' } });
  });

  test('of two spawns of one id at once, one instance comes out', async () => {
    const spec = fullSpec();
    const other = createCompute(await endpoint.open(), { gate: endpoint.gate });
    const outcomes = await Promise.allSettled([compute.spawn(spec), other.spawn(spec)]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'MACHINE.BUSY' });
    expect(failed.length).toBeLessThan(2);
    expect((await endpoint.leftovers()).machines).toHaveLength(1);
    expect((await endpoint.leftovers()).volumes).toHaveLength(4);
  });

  test('of several destroys at once, each ends with the instance gone or says that somebody is at it', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const others = await Promise.all([1, 2, 3].map(async () => createCompute(await endpoint.open())));
    const outcomes = await Promise.allSettled(others.map((other) => other.destroy(instanceId)));
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'MACHINE.BUSY', retryable: true });
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await endpoint.leftovers()).toEqual(nothing);
  });

  test('many at once do not disturb each other', async () => {
    const instances = await Promise.all(Array.from({ length: 20 }, () => compute.spawn(fullSpec())));
    await Promise.all(instances.map(({ instanceId }) => compute.destroy(instanceId)));
    expect(await endpoint.leftovers()).toEqual(nothing);
  });

  test('leaves it stopped when told so', async () => {
    const { machine } = await compute.spawn(fullSpec({ start: false }));
    expect(machine.state).toBe('stopped');
  });

  test.each([
    [
      'a wrong checksum',
      {
        image: {
          ...fullSpec().image!,
          declaration: { format: 'qcow2' as const, checksum: { algorithm: 'sha256' as const, hex: '0'.repeat(64) } },
        },
      },
      'IMAGE.CHECKSUM_MISMATCH',
    ],
    [
      'an image that is something else',
      { image: { ...fullSpec().image!, declaration: { format: 'raw' as const } } },
      'IMAGE.FORMAT_MISMATCH',
    ],
    ['a root disk too small for its image', { root: { sizeBytes: (mebibytes(0) + 512n) as never } }, 'REQUEST.INVALID'],
    ['an id that is none', { instanceId: '../../etc' }, 'REQUEST.INVALID'],
    ['a pool that is not there', { pool: 'nowhere' as never }, 'POOL.NOT_FOUND'],
    [
      'a nic that the guest cannot find',
      { nics: [{ network: 'network-lan' as never, addresses: [{ kind: 'dhcp4' as const }] }] },
      'REQUEST.INVALID',
    ],
    ['a network that is not there', { nics: [{ network: 'nowhere' as never }] }, 'NETWORK.NOT_FOUND'],
    ['a name with a newline', { name: 'a\nb' }, 'REQUEST.INVALID'],
    ['a name with a NUL', { name: 'a\0b' }, 'REQUEST.INVALID'],
    ['a name with half a character', { name: 'a\ud83d' }, 'REQUEST.INVALID'],
    ['no name', { name: '' }, 'REQUEST.INVALID'],
    ['a description with a NUL', { description: 'a\0b' }, 'REQUEST.INVALID'],
    ['a hostname that is none', { configDrive: { hostname: 'a b' } }, 'REQUEST.INVALID'],
    [
      'an injected file out of the way',
      { configDrive: { files: [{ path: '/a/../../b', content: Buffer.alloc(1) }] } },
      'REQUEST.INVALID',
    ],
    [
      'thick disks without room',
      { ephemerals: [{ sizeBytes: mebibytes(100_000_000), provisioning: 'thick' as const }] },
      'POOL.FULL',
    ],
  ])('refuses %s and changes nothing', async (_name, changes, code) => {
    await expect(compute.spawn(fullSpec(changes))).rejects.toMatchObject({ code });
    expect(await endpoint.leftovers()).toEqual(nothing);
  });

  test('refuses, before the claim, names of volumes that are taken', async () => {
    const spec = fullSpec();
    const [pool] = await compute.driver.volumes.pools().all();
    const foreign = { pool: pool!.id, name: `${spec.instanceId}-swap`, sizeBytes: mebibytes(1) };
    await compute.driver.volumes.create(foreign);
    await expect(compute.spawn({ ...spec, pool: pool!.id })).rejects.toMatchObject({ code: 'VOLUME.EXISTS' });
    expect(await endpoint.leftovers()).toEqual({ machines: [], volumes: [foreign.name] });
  });

  test('works without the capabilities that are optional', async () => {
    const plain = createCompute(await endpoint.open('disks.media,disks.serial'), { gate: endpoint.gate });
    const { machine } = await plain.spawn(fullSpec());
    expect(machine.disks.map(({ device, serial }) => [device, serial])).toEqual(
      Array.from({ length: 4 }, () => ['disk', undefined]),
    );
  });

  test('says so when the endpoint takes no content', async () => {
    const poor = createCompute(await endpoint.open('volumes.fromContent'), { gate: endpoint.gate });
    await expect(poor.spawn(fullSpec())).rejects.toMatchObject({ code: 'CAPABILITY.ABSENT' });
    const { image: _image, configDrive: _drive, ...blank } = fullSpec();
    await expect(poor.spawn(blank)).resolves.toMatchObject({ machine: { state: 'running' } });
  });

  test.each(['<b>&amp;"\'</b>', '😀 ünï', '../../etc/passwd', '$(reboot) `id` %s', ' spaces '])(
    'keeps the name %j exactly',
    async (name) => {
      const { instanceId } = await compute.spawn(fullSpec({ name, description: name }));
      expect((await compute.show(instanceId)).machine).toMatchObject({ name, description: name });
    },
  );

  test('cancelled before it begins, changes nothing', async () => {
    const signal = AbortSignal.abort();
    await expect(compute.spawn(fullSpec(), { signal })).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
    expect(await endpoint.leftovers()).toEqual(nothing);
  });

  test.each(['claim machine', 'create root', 'attach config', 'start machine'])(
    'cancelled after "%s", leaves nothing',
    async (last) => {
      const controller = new AbortController();
      const onStep = ({ step, phase }: { step: string; phase: string }): void => {
        if (step === last && phase === 'done') controller.abort();
      };
      const attempt = compute.spawn(fullSpec({ instanceId: newInstanceId() }), { signal: controller.signal, onStep });
      await expect(attempt).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
      expect(await endpoint.leftovers()).toEqual(nothing);
    },
  );
});
