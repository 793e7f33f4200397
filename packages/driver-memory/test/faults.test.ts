import { gibibytes, type Machine, type OpenDriver } from '@virt-drivers/core';
import { createManualClock, createWorld, driver, type World } from '../src/index.js';
import { newMachine } from './spawned-machine.js';

const soon = (milliseconds = 50) => ({ deadline: new Date(Date.now() + milliseconds) });

async function printed(from: OpenDriver, { id }: Machine): Promise<string> {
  let all = '';
  for await (const chunk of from.consoles!.log!(id)) all += Buffer.from(chunk).toString('utf8');
  return all;
}

let world: World;
let open: OpenDriver;
beforeEach(async () => {
  world = createWorld();
  open = await driver.open({ target: 'memory://', options: { world } });
});
afterEach(() => open.close());

test('a fault before changes nothing, one after loses the answer only', async () => {
  const machine = await newMachine(open);
  world.faults.inject({
    facet: 'power',
    member: 'start',
    effect: { kind: 'error', code: 'HOST.FAILED', message: 'Host is on fire.' },
  });
  await expect(open.power.start(machine.id)).rejects.toMatchObject({
    code: 'HOST.FAILED',
    message: 'Host is on fire.',
  });
  expect((await open.machines.get(machine.id)).state).toBe('stopped');
  world.faults.inject({ facet: 'power', member: 'start', when: 'after', effect: { kind: 'drop-connection' } });
  await expect(open.power.start(machine.id)).rejects.toMatchObject({
    code: 'HOST.CONNECTION_LOST',
    stateAfter: 'unknown',
  });
  expect((await open.machines.get(machine.id)).state).toBe('running');
});

test('the nth call, so many times, or until it is taken back', async () => {
  const machine = await newMachine(open);
  const busy = { kind: 'busy', heldBy: 'a backup' } as const;
  world.faults.inject({ facet: 'machines', member: 'get', nth: 2, times: 2, effect: busy });
  const outcomes = [];
  for (let call = 0; call < 4; call += 1) {
    outcomes.push(
      await open.machines.get(machine.id).then(
        () => 'fine',
        (error) => `${error.code} ${error.heldBy} ${error.stateAfter}`,
      ),
    );
  }
  expect(outcomes).toEqual(['fine', 'MACHINE.BUSY a backup unchanged', 'MACHINE.BUSY a backup unchanged', 'fine']);
  const takeBack = world.faults.inject({ facet: 'machines', member: '*', times: Infinity, effect: busy });
  await expect(open.machines.list().all()).rejects.toMatchObject({ code: 'MACHINE.BUSY' });
  await expect(open.machines.get(machine.id)).rejects.toMatchObject({ code: 'MACHINE.BUSY' });
  takeBack();
  expect(await open.machines.list().all()).toHaveLength(1);
});

test('a hanging call ends with its deadline, its signal or its session', async () => {
  const machine = await newMachine(open);
  world.faults.inject({ facet: 'machines', member: 'get', times: 3, effect: { kind: 'hang' } });
  await expect(open.machines.get(machine.id, soon())).rejects.toMatchObject({
    code: 'CALL.DEADLINE_EXCEEDED',
    stateAfter: 'unchanged',
  });
  const controller = new AbortController();
  const hanging = open.machines.get(machine.id, { signal: controller.signal });
  controller.abort();
  await expect(hanging).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  const left = expect(open.machines.get(machine.id)).rejects.toMatchObject({ code: 'DRIVER.CLOSED' });
  await open.close();
  await left;
});

test('a broken connection ends what is under way in the session, and the next call works', async () => {
  const events = await open.events.watch();
  const waiting = events.next();
  const failing = expect(waiting).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
  world.faults.inject({ facet: 'hosts', member: 'list', effect: { kind: 'drop-connection' } });
  await expect(open.hosts.list().all()).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
  await failing;
  expect(await open.hosts.list().all()).toHaveLength(2);
});

test('a stream fails at its end when the fault comes after', async () => {
  const machine = await newMachine(open);
  world.faults.inject({
    facet: 'volumes',
    member: 'export',
    when: 'after',
    effect: { kind: 'error', code: 'HOST.CONNECTION_LOST' },
  });
  let received = 0;
  const reading = (async () => {
    for await (const chunk of open.volumes.export!(machine.disks[0]!.volume!)) received += chunk.length;
  })();
  await expect(reading).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
  expect(received).toBe(8 * 1_048_576);
});

test('slowness and guests go by the clock of the world', async () => {
  const clock = createManualClock();
  const still = createWorld({ clock });
  const slow = await driver.open({ target: 'memory://', options: { world: still } });
  const machine = await newMachine(slow);
  still.faults.inject({ facet: 'power', member: 'start', effect: { kind: 'slow', milliseconds: 60_000 } });
  let isDone = false;
  const starting = slow.power.start(machine.id).then(() => (isDone = true));
  await slow.machines.get(machine.id);
  expect(isDone).toBe(false);
  clock.advance(60_000);
  await starting;
  await expect(slow.guest!.ping!(machine.id)).rejects.toMatchObject({ code: 'GUEST.UNAVAILABLE' });
  clock.advance(1_000);
  await slow.guest!.ping!(machine.id);
  clock.advance(12_000);
  expect(await printed(slow, machine)).toMatch(/tick 5 uptime=5\.\d\d\r\n.*tick 10 uptime=10/s);
  await slow.suspension!.pause!(machine.id);
  clock.advance(60_000);
  await slow.suspension!.resume!(machine.id);
  expect(await printed(slow, machine)).toMatch(/tick 15/);
  expect(await printed(slow, machine)).not.toMatch(/tick 20/);
  await slow.close();
});

test('faults and narrowings come with the target or the options', async () => {
  const faults = [{ facet: 'hosts', member: 'get', effect: { kind: 'busy' } }];
  const target = 'memory://?without=snapshots.memory,consoles,power.stopGuest&reason=It+is+an+old+one.';
  const old = await driver.open({ target, options: { faults } });
  expect(old.narrowings).toContainEqual({ capability: 'snapshots.memory', reason: 'It is an old one.' });
  expect([old.consoles, old.power.stop, old.supports('snapshots.memory')]).toEqual([undefined, undefined, undefined]);
  const machine = await newMachine(old);
  await old.power.start(machine.id);
  await expect(old.snapshots!.create(machine.id, { name: 'x', memory: true })).rejects.toMatchObject({
    code: 'CAPABILITY.ABSENT',
  });
  await old.close();
  await expect(driver.open({ target: 'memory://?without=nonsense' })).rejects.toMatchObject({
    code: 'REQUEST.INVALID',
  });
  await expect(driver.open({ target: 'memory://', options: { colour: 1 } })).rejects.toMatchObject({
    code: 'REQUEST.INVALID',
  });
});

test('a low account reads only what it made, and is told how much it does not see', async () => {
  const machine = await newMachine(open);
  const low = await driver.open({ target: 'memory://?visibility=low', options: { world } });
  const own = await newMachine(low, 'own');
  const listing = low.machines.list();
  expect(await listing.all()).toMatchObject([{ id: own.id }]);
  expect(listing.unreadable).toBe(1);
  await expect(low.machines.update(machine.id, { memory: { sizeBytes: gibibytes(2) } })).rejects.toMatchObject({
    code: 'ACCESS.DENIED',
    missingPrivilege: 'machines.read-all',
  });
  await low.close();
});
