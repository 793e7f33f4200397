import { isFault, isVsphereError, type Vsphere } from '@virt-drivers/vsphere';
import { machine, withOwnClient } from './own-client.js';
import { describeSimulated, type Simulated } from './simulator.js';

/** Reads, changes, waits and reads again; the same again and again, since it ends as it began. */
async function flow(vsphere: Vsphere): Promise<string> {
  const vm = await machine(vsphere);
  await vsphere.run(vm, 'ReconfigVM_Task', { spec: { annotation: 'changed' } });
  await vsphere.run(vm, 'PowerOffVM_Task', {});
  await vsphere.run(vm, 'PowerOnVM_Task', {});
  const read = await vsphere.properties.get(vm, ['runtime.powerState', 'config.annotation']);
  return `${read['runtime.powerState']} ${read['config.annotation']}`;
}

/** Whatever a flow that broke off left behind, the machine runs again. */
async function mend(here: Simulated): Promise<void> {
  here.proxy.faults.clear();
  await withOwnClient(here, async (vsphere) => {
    const vm = await machine(vsphere);
    await vsphere.run(vm, 'PowerOnVM_Task', {}).catch((error: unknown) => {
      if (!isFault(error, 'InvalidPowerState')) throw error;
    });
  });
}

await describeSimulated('faults at every call of a flow', (here) => {
  let calls: readonly string[] = [];
  beforeAll(async () => {
    const { proxy } = here;
    // With tasks that are waited for, on one of them.
    if (here.variant === 'current') proxy.settings.taskHold = { queued: 0, running: 1 };
    await withOwnClient(here, async (vsphere) => {
      const before = proxy.requests.length;
      await flow(vsphere);
      calls = proxy.requests.slice(before).map(({ method }) => method);
    });
    expect(calls.length).toBeGreaterThan(here.variant === 'current' ? 20 : 10);
  }, 300_000);
  afterEach(() => expect([here.proxy.openSessions, here.proxy.refused]).toEqual([0, []]));

  it('a session that ends is renewed, and the flow goes on', async () => {
    for (let nth = 1; nth <= calls.length; nth++)
      await withOwnClient(here, async (vsphere) => {
        here.proxy.faults.atCall(nth, { kind: 'not-authenticated' });
        expect(`${nth} ${await flow(vsphere)}`).toBe(`${nth} poweredOn changed`);
      });
  }, 120_000);

  it.each(['before', 'after'] as const)(
    'a reset %s the work is survived or told, and no change is made twice',
    async (when) => {
      const { proxy } = here;
      const told: string[] = [];
      for (let nth = 1; nth <= calls.length; nth++) {
        const before = proxy.requests.length;
        let broken = false;
        await withOwnClient(here, async (vsphere) => {
          proxy.faults.atCall(nth, { kind: 'reset', when });
          const end = await flow(vsphere).catch((error: unknown) => error);
          if (typeof end === 'string') return expect(`${nth} ${end}`).toBe(`${nth} poweredOn changed`);
          expect(isVsphereError(end) && [end.code, end.sent]).toEqual(['CONNECTION_LOST', true]);
          told.push(calls[nth - 1] ?? '');
          broken = true;
        });
        const made = proxy.requests.slice(before).filter(({ method }) => /^Power/.test(method));
        expect(made.length).toBeLessThanOrEqual(2);
        if (broken) await mend(here);
        proxy.faults.clear();
      }
      // Nothing else is told: reading is repeated, views and collectors are made anew, cleaning up is not worth an error.
      expect(told).toEqual(['ReconfigVM_Task', 'PowerOffVM_Task', 'PowerOnVM_Task']);
    },
    120_000,
  );

  it('a server that has no sessions left says so, at login and later', async () => {
    const { proxy } = here;
    const busy = { kind: 'http', status: 503, body: 'Out of HTTP sessions: Limited to 2000' } as const;
    proxy.faults.next('Login', busy);
    const refused = await withOwnClient(here, () => Promise.resolve()).catch((error: unknown) => error);
    expect(isVsphereError(refused) && [refused.code, refused.status]).toEqual(['HTTP_STATUS', 503]);
    await withOwnClient(here, async (vsphere) => {
      proxy.faults.next('PowerOffVM_Task', busy);
      const end = await flow(vsphere).catch((error: unknown) => error);
      expect(isVsphereError(end) && end.message).toContain('Limited to 2000');
    });
  });
});
