import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGatewayHttp, type GatewayHttp } from '../../src/powerflex/gateway-http.js';
import { createGatewaySession } from '../../src/powerflex/gateway-session.js';
import { createGateway, type Gateway } from '../../src/powerflex/gateway.js';
import { startFakeGateway, type FakeGateway, type Fault } from './fake-gateway.js';

const GIB = 1n << 30n;
const soon = () => ({ deadline: deadlineIn({ seconds: 10 }) });

describe('the client of a PowerFlex gateway, which is simulated', () => {
  let directory: string;
  let fake: FakeGateway;
  let http: GatewayHttp;
  let gateway: Gateway;
  let serial = 0;

  const clientOf = (transport: GatewayHttp, password?: string): Gateway =>
    createGateway(
      createGatewaySession(transport, {
        user: fake.user,
        password: async () => new Secret(password ?? (await readFile(fake.passwordFile, 'utf8')).trim()),
      }),
    );
  const make = (sizeBytes = 8n * GIB): Promise<string> =>
    gateway.create({ name: `v${(serial += 1)}`, storagePoolId: fake.system.pool.id, sizeBytes, thick: false }, soon());

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-powerflex-'));
    fake = await startFakeGateway(directory, {
      volumesPerClient: 2,
      snapshotsPerTree: 2,
      capacityInKb: 20 * 8 * 1024 * 1024,
    });
    http = createGatewayHttp({ url: fake.url, ca: await readFile(fake.caFile, 'utf8') });
    gateway = clientOf(http);
  });
  afterAll(async () => {
    http.close();
    await fake.stop();
    await rm(directory, { recursive: true });
  });

  it('finds system, pool and hosts', async () => {
    expect(await gateway.systemId(soon())).toBe(fake.system.id);
    expect(await gateway.storagePool('domain1', 'pool1', soon())).toEqual(fake.system.pool);
    expect(await gateway.storagePool('domain2', 'pool1', soon())).toBeUndefined();
    expect(await gateway.storagePool('domain1', 'pool2', soon())).toBeUndefined();
    expect((await gateway.clients(soon())).map(({ id }) => id)).toContain(fake.system.here.id);
    expect((await gateway.statistics(fake.system.pool.id, soon())).maxCapacityInKb).toBe(160n * GIB);
  });

  it('makes, maps, grows, renames and removes a volume, each of which may be repeated where that is promised', async () => {
    const id = await make();
    const { here } = fake.system;
    for (const _ of [1, 2]) await gateway.map(id, here.id, soon());
    expect((await gateway.volume(id, soon())).mappedSdcInfo).toMatchObject([{ sdcId: here.id, sdcName: 'here' }]);
    await gateway.resize(id, 16n * GIB, soon());
    await gateway.rename(id, 'renamed', soon());
    expect(await gateway.volumes(fake.system.pool.id, soon())).toMatchObject([
      { id, name: 'renamed', sizeInKb: 16n * GIB, volumeType: 'ThinProvisioned' },
    ]);
    await expect(gateway.remove(id, soon())).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
    for (const _ of [1, 2]) await gateway.unmap(id, here.id, soon());
    await gateway.remove(id, soon());
    await expect(gateway.volume(id, soon())).rejects.toMatchObject({ code: 'VOLUME.NOT_FOUND', subject: id });
  });

  it('tells refusals apart', async () => {
    const [one, two, three] = [await make(), await make(), await make()];
    const { here, elsewhere, pool, id: system } = fake.system;
    const taken = `v${serial}`;
    const refusals = {
      'a name that is taken': () => gateway.rename(one, taken, soon()),
      'a size below': () => gateway.resize(one, 8n * GIB, soon()),
      'a size that nobody has': () => gateway.resize(one, 800n * GIB, soon()),
    };
    await expect(refusals['a name that is taken']()).rejects.toMatchObject({ code: 'VOLUME.EXISTS' });
    await expect(refusals['a size below']()).rejects.toMatchObject({ code: 'VOLUME.CANNOT_SHRINK' });
    await expect(refusals['a size that nobody has']()).rejects.toMatchObject({ code: 'POOL.FULL' });
    await expect(make(9n * GIB)).rejects.toMatchObject({ code: 'HOST.FAILED', native: { code: '0' } });
    await expect(make(800n * GIB)).rejects.toMatchObject({ code: 'POOL.FULL' });
    const long = { name: 'n'.repeat(32), storagePoolId: pool.id, sizeBytes: 8n * GIB, thick: true };
    await expect(gateway.create(long, soon())).rejects.toMatchObject({ code: 'HOST.FAILED' });
    await gateway.map(one, elsewhere.id, soon());
    await expect(gateway.map(one, here.id, soon())).rejects.toMatchObject({
      code: 'HOST.FAILED',
      native: { code: '306' },
    });
    for (const id of [two, three]) await gateway.map(id, here.id, soon());
    await gateway.unmap(one, elsewhere.id, soon());
    await expect(gateway.map(one, here.id, soon())).rejects.toMatchObject({ native: { code: '174' } });
    for (const id of [two, three]) await gateway.unmap(id, here.id, soon());
    const snapshots = [
      await gateway.snapshot(system, one, 's1', soon()),
      await gateway.snapshot(system, one, 's2', soon()),
    ];
    await expect(gateway.snapshot(system, one, 's3', soon())).rejects.toMatchObject({ code: 'POOL.FULL' });
    for (const id of [...snapshots, one, two, three]) await gateway.remove(id, soon());
    expect(fake.system.volumes.size).toBe(0);
  });

  it('logs in once for many calls, and again when the gateway has forgotten it', async () => {
    const mine = clientOf(http);
    const before = fake.logins();
    await Promise.all([1, 2, 3, 4, 5].map(() => mine.systemId(soon())));
    expect(fake.logins()).toBe(before + 1);
    fake.forgetTokens();
    await Promise.all([1, 2, 3].map(() => mine.systemId(soon())));
    fake.failNext(/POST .*instances$/, 'forgotten-token');
    const id = await make();
    await gateway.remove(id, soon());
    expect(fake.logins()).toBeGreaterThanOrEqual(before + 3);
  });

  it('does not trust a certificate that nobody vouches for, and sends it no password', async () => {
    const naive = createGatewayHttp({ url: fake.url });
    const before = fake.logins();
    await expect(clientOf(naive).systemId(soon())).rejects.toMatchObject({
      code: 'POOL.UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('caFile'),
    });
    expect(fake.logins()).toBe(before);
    naive.close();
  });

  it('says so when the password is wrong, without telling it', async () => {
    const failure = await clientOf(http, 'wrong-secret')
      .systemId(soon())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ACCESS.UNAUTHENTICATED' });
    expect(String(failure) + JSON.stringify(failure)).not.toContain('wrong-secret');
  });

  it.each<[Fault]>([['proxy-error'], ['cut']])('reads again after %s', async (fault) => {
    fake.failNext(/GET .*System/, fault);
    fake.failNext(/GET .*System/, fault);
    expect(await gateway.systemId(soon())).toBe(fake.system.id);
  });

  it.each<[Fault, object, number]>([
    ['error', { code: 'HOST.FAILED', native: { code: '1' } }, 0],
    ['proxy-error', { code: 'POOL.UNAVAILABLE', stateAfter: 'unknown' }, 0],
    ['cut', { code: 'POOL.UNAVAILABLE', stateAfter: 'unknown' }, 0],
    ['cut-after', { code: 'POOL.UNAVAILABLE', stateAfter: 'unknown' }, 1],
  ])('changes nothing twice: %s', async (fault, error, made) => {
    fake.failNext(/POST/, fault);
    const sent = fake.requests.filter((request) => request.startsWith('POST')).length;
    await expect(make()).rejects.toMatchObject(error);
    expect(fake.requests.filter((request) => request.startsWith('POST'))).toHaveLength(sent + 1);
    expect(fake.system.volumes.size).toBe(made);
    for (const id of fake.system.volumes.keys()) await gateway.remove(id, soon());
  });

  it('ends at its deadline, and when it is cancelled, though the gateway says nothing', async () => {
    const late = () => ({ deadline: deadlineIn({ milliseconds: 200 }) });
    fake.failNext(/GET/, 'hang');
    const reading = gateway.systemId(late());
    await expect(reading).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED', stateAfter: 'unchanged' });
    fake.failNext(/POST/, 'hang');
    const wanted = { name: 'late', storagePoolId: fake.system.pool.id, sizeBytes: 8n * GIB, thick: false };
    await expect(gateway.create(wanted, late())).rejects.toMatchObject({
      code: 'CALL.DEADLINE_EXCEEDED',
      stateAfter: 'unknown',
    });
    fake.failNext(/GET/, 'hang');
    const cancel = new AbortController();
    const cancelled = gateway.systemId({ signal: cancel.signal });
    cancel.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  });

  it.each<[Fault]>([['proxy-error'], ['cut'], ['cut-after']])(
    'maps, unmaps and removes all the same after %s',
    async (fault) => {
      const id = await make();
      const { here } = fake.system;
      for (const act of [/addMappedSdc/, /removeMappedSdc/]) fake.failNext(act, fault);
      await gateway.map(id, here.id, soon());
      expect(fake.system.volume(id).mapped).toEqual(new Set([here.id]));
      await gateway.unmap(id, here.id, soon());
      expect(fake.system.volume(id).mapped.size).toBe(0);
      fake.failNext(/removeVolume/, fault);
      const removal = gateway.remove(id, soon());
      if (fault === 'cut-after') await expect(removal).rejects.toMatchObject({ code: 'VOLUME.NOT_FOUND' });
      else await removal;
      expect(fake.system.volumes.has(id)).toBe(false);
    },
  );
});
