import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mebibytes, type Host, type Machine, type MigrationPlan } from '@virt-drivers/core';
import { witnessedCenter } from '../simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter({ poweredOn: false });
afterAll(() => center?.stop());

describeWith('a move within a vCenter', center, (center) => {
  const { driver, proxy, peer } = center;
  const { migration, machines, power, maintenance } = driver;
  const made: Machine[] = [];
  afterEach(async () => {
    proxy.faults.clear();
    for (const { id } of made.splice(0)) await machines.delete(id, { kill: true });
  });

  const hosts = async (): Promise<readonly Host[]> =>
    (await driver.hosts.list().all()).filter(({ groups }) => groups.length === 2);

  async function running(): Promise<{ machine: Machine; other: Host }> {
    const [here, other] = await hosts();
    if (!here || !other) throw new Error('The simulator has no cluster of two hosts.');
    const machine = await machines.create({
      name: `moves-${made.length}`,
      host: here.id,
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      boot: { firmware: 'bios' },
      disks: [],
      nics: [],
    });
    made.push(machine);
    await power.start(machine.id);
    return { machine: await machines.get(machine.id), other };
  }

  const start = async (plan: MigrationPlan) => {
    if (!migration) throw new Error('The driver claims no migration.');
    return migration.start(plan, await migration.prepare(plan, await migration.describe(plan)));
  };

  /** The host that another client sees the machine on. */
  const hostByGovc = async ({ name }: Machine): Promise<string> =>
    (
      JSON.parse(await peer.govc(['vm.info', '-json', name])) as {
        virtualMachines: { runtime: { host: { value: string } } }[];
      }
    ).virtualMachines[0]?.runtime.host.value ?? '';

  test('tells how far it is, and another client sees the machine there', async () => {
    const { machine, other } = await running();
    proxy.faults.next('RelocateVM_Task', { kind: 'held-task', queued: 1, running: 3 });
    const task = await start({ machine: machine.id, host: other.id, mode: 'live' });
    const seen: number[] = [];
    const following = (async () => {
      for await (const { fraction } of task.progress()) if (fraction !== undefined) seen.push(fraction);
    })();
    const statistics = await migration?.statistics?.(machine.id);
    expect(statistics).toEqual({ memoryTotalBytes: mebibytes(64) });
    const moved = await task.result();
    await following;
    expect([moved.host, moved.state, await hostByGovc(machine)]).toEqual([other.id, 'running', other.id]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    await expect(migration?.statistics?.(machine.id)).rejects.toMatchObject({ code: 'MACHINE.WRONG_STATE' });
  });

  test('that fails leaves the machine where it was, and says so', async () => {
    const { machine, other } = await running();
    proxy.faults.next('RelocateVM_Task', { kind: 'failing-task', type: 'MigrationFault' });
    const task = await start({ machine: machine.id, host: other.id, mode: 'live' });
    await expect(task.result()).rejects.toMatchObject({ code: 'MIGRATION.FAILED', stateAfter: 'unchanged' });
    expect([await hostByGovc(machine), (await machines.get(machine.id)).state]).toEqual([machine.host, 'running']);
    // The next one succeeds: nothing of the failed one stands in its way.
    const again = await start({ machine: machine.id, host: other.id, mode: 'live' });
    expect((await again.result()).host).toBe(other.id);
  });

  test('that is cancelled leaves the machine where it was', async () => {
    const { machine, other } = await running();
    proxy.faults.next('RelocateVM_Task', { kind: 'held-task', queued: 0, running: 1000 });
    const task = await start({ machine: machine.id, host: other.id, mode: 'live' });
    await task.cancel();
    await expect(task.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
    expect(await hostByGovc(machine)).toBe(machine.host);
  });

  test('survives a session that ends on the way', async () => {
    const { machine, other } = await running();
    proxy.faults.next('RelocateVM_Task', { kind: 'not-authenticated' });
    const task = await start({ machine: machine.id, host: other.id, mode: 'live' });
    expect((await task.result()).host).toBe(other.id);
  });

  test('is refused beforehand when the machine is not in the state for it', async () => {
    const { machine, other } = await running();
    const plan = { machine: machine.id, host: other.id, mode: 'offline' } as const;
    const found = (await migration?.check(plan)) ?? [];
    expect(found.map(({ code }) => code)).toEqual(['state']);
    await expect(start(plan)).rejects.toMatchObject({ code: 'MIGRATION.INCOMPATIBLE' });
  });

  test('is how an evacuation empties a host, which then is out of service', async () => {
    const { machine } = await running();
    const before = machine.host;
    await (await maintenance?.enter(before, { evacuate: true }))?.result();
    try {
      const now = await machines.get(machine.id);
      expect([(await driver.hosts.get(before)).state, now.state, now.host === before]).toEqual([
        'maintenance',
        'running',
        false,
      ]);
    } finally {
      await (await maintenance?.leave(before))?.result();
    }
    expect((await driver.hosts.get(before)).state).toBe('ready');
  });

  test('that fails in an evacuation leaves the host in service', async () => {
    const { machine } = await running();
    proxy.faults.next('RelocateVM_Task', { kind: 'failing-task', type: 'MigrationFault' });
    const task = await maintenance?.enter(machine.host, { evacuate: true });
    await expect(task?.result()).rejects.toMatchObject({ code: 'MIGRATION.FAILED' });
    expect((await driver.hosts.get(machine.host)).state).toBe('ready');
  });
});
