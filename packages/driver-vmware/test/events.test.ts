import { afterAll, expect, test } from '@jest/globals';
import type { DriverEvent, OpenDriver } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import { describeWith } from '@virt-drivers/peers/jest';
import { makeForeignMachine } from './foreign-machine.js';
import { plainSpec } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';

const MANY = 1_000;
// Two resource pools have so many each.
const center = await witnessedCenter({ machines: MANY / 2, poweredOn: false });
const small = await witnessedCenter();
afterAll(async () => {
  await center?.stop();
  await small?.stop();
});

/** Reads events until one is the wanted one. */
async function until(events: AsyncIterator<DriverEvent>, isIt: (event: DriverEvent) => boolean) {
  const { deadline } = { deadline: deadlineIn({ seconds: 40 }) };
  const seen: DriverEvent[] = [];
  while (Date.now() < deadline.getTime()) {
    const { value, done } = await events.next();
    if (done) break;
    seen.push(value);
    if (isIt(value)) return seen;
  }
  throw new Error(`It was not among ${seen.map(({ kind }) => kind).join(', ')}.`);
}

const watchOf = async (driver: OpenDriver, signal: AbortSignal) =>
  (await driver.events.watch({}, { signal }))[Symbol.asyncIterator]();

describeWith(`events of ${MANY} machines`, center, (center) => {
  const { driver, proxy, peer } = center;

  test('one change is told without a listing, and all who watch share one wait', async () => {
    const leave = new AbortController();
    const [first, second] = [await watchOf(driver, leave.signal), await watchOf(driver, leave.signal)];
    const before = proxy.requests.length;
    await peer.govc(['vm.power', '-on', 'DC0_H0_VM7']);
    const isRunning = (event: DriverEvent): boolean => event.kind === 'machine-state' && event.state === 'running';
    await Promise.all([until(first, isRunning), until(second, isRunning)]);
    const asked = proxy.requests.slice(before).map(({ method }) => method);
    expect(asked.filter((method) => method !== 'WaitForUpdatesEx')).toEqual([]);
    expect(asked.length).toBeLessThanOrEqual(4);
    leave.abort();
    await first.next().catch(() => undefined);
  });

  test('what another client does is told in its order', async () => {
    const leave = new AbortController();
    const events = await watchOf(driver, leave.signal);
    await makeForeignMachine(peer, 'theirs');
    const [created] = (await until(events, ({ kind }) => kind === 'machine-created')).slice(-1);
    await peer.govc(['vm.power', '-on', 'theirs']);
    await until(events, (event) => event.kind === 'machine-state' && event.state === 'running');
    await peer.govc(['vm.destroy', 'theirs']);
    const seen = await until(events, ({ kind }) => kind === 'machine-deleted');
    expect(seen.at(-1)).toMatchObject({ machine: created && 'machine' in created ? created.machine : '' });
    leave.abort();
    await events.next().catch(() => undefined);
  });
});

describeWith('events over a restart', small, (small) => {
  const { driver, peer } = small;

  test('a vCenter that is restarted: the watch says that it missed something, and goes on', async () => {
    const leave = new AbortController();
    const events = await watchOf(driver, leave.signal);
    const { id } = await driver.machines.create(plainSpec('survivor'));
    await until(events, (event) => event.kind === 'machine-created' && event.machine === id);
    await peer.restart();
    expect((await until(events, ({ kind }) => kind === 'resync')).at(-1)).toMatchObject({ reason: 'connection' });
    // The next calls log in again by themselves.
    expect((await driver.machines.get(id)).name).toBe('survivor');
    await driver.power.start(id);
    await until(events, (event) => event.kind === 'machine-state' && event.machine === id);
    // It is not deleted: a simulator that was started with an inventory breaks off when that is destroyed.
    leave.abort();
    await events.next().catch(() => undefined);
  });
});
