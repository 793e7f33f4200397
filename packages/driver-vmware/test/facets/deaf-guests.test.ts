import { afterAll, expect, test } from '@jest/globals';
import { isDriverError, mebibytes } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { describeWith } from '@virt-drivers/peers/jest';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeOn, plainSpec } from '../lifecycle.js';
import { simulatedCenter } from '../simulated-center.js';

const center = await simulatedCenter({ machines: 0 });
afterAll(() => center?.stop());

describeWith('guests that do not react', center, ({ driver, proxy }) => {
  const { machines, power, volumes } = driver;

  /** With a disk, so that a guest with VMware Tools is made up in it. */
  async function running(name: string) {
    const { pool } = await placeOn(driver);
    const { id: volume } = await volumes.create({ pool, name, sizeBytes: mebibytes(1) });
    const { id } = await machines.create(plainSpec(name, { disks: [{ volume }] }));
    await power.start(id);
    return id;
  }

  test('a stop waits until its deadline, and says that the machine runs', async () => {
    proxy.settings.guests = { username: 'root', password: 'inside', deaf: true };
    const id = await running('deaf');
    const started = Date.now();
    expect(await power.stop?.(id, { deadline: deadlineIn({ seconds: 2 }) })).toBe('running');
    expect(Date.now() - started).toBeGreaterThan(1_000);
  });

  test('a stop that is aborted ends its waiting, and the machine runs on', async () => {
    const id = await running('deaf-and-aborted');
    const leave = new AbortController();
    const asked = () =>
      proxy.requests.filter(({ method, status }) => method === 'ShutdownGuest' && status === 200).length;
    const before = asked();
    const stopping = power.stop?.(id, { signal: leave.signal });
    stopping?.catch(() => undefined);
    for (const { deadline } = { deadline: Date.now() + 20_000 }; asked() === before && Date.now() < deadline; )
      await sleep(10);
    leave.abort();
    expect(isDriverError(await stopping?.catch((error: unknown) => error), 'CALL.CANCELLED')).toBe(true);
    expect((await machines.get(id)).state).toBe('running');
  });

  test('a guest that listens stops', async () => {
    proxy.settings.guests = { username: 'root', password: 'inside' };
    expect(await power.stop?.(await running('listens'))).toBe('stopped');
  });

  test('in a machine without VMware Tools nobody can be asked', async () => {
    const { id } = await machines.create(plainSpec('empty'));
    await power.start(id);
    await expect(power.stop?.(id)).rejects.toMatchObject({ code: 'GUEST.UNAVAILABLE' });
    expect((await machines.get(id)).state).toBe('running');
  });
});
