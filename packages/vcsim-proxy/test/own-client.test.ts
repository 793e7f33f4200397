import { itWith } from '@virt-drivers/peers/jest';
import { isFault, isVsphereError, type Update, type Vsphere } from '@virt-drivers/vsphere';
import { beginImport, machine, machines, withOwnClient } from './own-client.js';
import { describeSimulated, type Simulated } from './simulator.js';

const caught = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);
const soon = () => new Date(Date.now() + 20_000);

await describeSimulated('our own client', (here) => {
  afterEach(() => {
    here.proxy.faults.clear();
    expect(here.proxy.refused).toEqual([]);
    expect(here.proxy.openSessions).toBe(0);
  });
  const proof = (name: string, run: (here: Simulated, vsphere: Vsphere) => Promise<void>) =>
    it(name, () => withOwnClient(here, (vsphere) => run(here, vsphere)));
  // The simulator itself is asked by govc, past the proxy.
  const proofWithGovc: typeof proof = (name, run) =>
    itWith(name, here.govc, () => withOwnClient(here, (vsphere) => run(here, vsphere)));

  proof('a task is told of while it waits and runs, and can be cancelled', async ({ proxy }, vsphere) => {
    const vm = await machine(vsphere);
    const told: number[] = [];
    proxy.faults.next('PowerOffVM_Task', { kind: 'held-task', queued: 1, running: 4 });
    await vsphere.run(vm, 'PowerOffVM_Task', {}, { deadline: soon(), onProgress: (percent) => told.push(percent) });
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    proxy.faults.next('PowerOnVM_Task', { kind: 'held-task', queued: 1_000 });
    const task = await vsphere.invoke(vm, 'PowerOnVM_Task', {});
    const wait = caught(vsphere.tasks.wait(task, { deadline: soon() }));
    await vsphere.tasks.cancel(task);
    expect(isFault(await wait, 'RequestCanceled')).toBe(true);
    await vsphere.tasks.cancel(task);
    proxy.faults.next('PowerOnVM_Task', { kind: 'failing-task', type: 'NoDiskSpace', message: 'voll' });
    expect(isFault(await caught(vsphere.run(vm, 'PowerOnVM_Task', {})), 'NoDiskSpace')).toBe(true);
    await vsphere.run(vm, 'PowerOnVM_Task', {});
  });

  proof('waits and watches at once do not end each other', async ({ proxy }, vsphere) => {
    const [one, two] = [await machine(vsphere), await machine(vsphere, 'DC0_H0_VM1')];
    const counts = [0, 0];
    const ends = new AbortController();
    const watches = counts.map(async (_, index) => {
      const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
      for await (const { kind } of vsphere.properties.watch(request, { signal: ends.signal }))
        if (kind === 'enter') counts[index] = (counts[index] ?? 0) + 1;
    });
    const settled = Promise.allSettled(watches);
    proxy.faults.every('PowerOffVM_Task', { kind: 'held-task', queued: 1, running: 3 });
    const off = [one, two].map((vm) => vsphere.run(vm, 'PowerOffVM_Task', {}, { deadline: soon() }));
    await Promise.all(off);
    proxy.faults.clear();
    await Promise.all([one, two].map((vm) => vsphere.run(vm, 'PowerOnVM_Task', {}, { deadline: soon() })));
    ends.abort();
    const reasons = (await settled).map(
      (end) => end.status === 'rejected' && isVsphereError(end.reason) && end.reason.code,
    );
    expect([counts, reasons]).toEqual([
      [4, 4],
      ['CANCELLED', 'CANCELLED'],
    ]);
  });

  proof('a watch takes what comes in parts, and begins anew when its version is lost', async ({ proxy }, vsphere) => {
    proxy.settings.updatesPerAnswer = 1;
    const seen: Update<'VirtualMachine', 'name'>['kind'][] = [];
    const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
    for await (const { kind } of vsphere.properties.watch(request, { deadline: soon() })) {
      seen.push(kind);
      if (kind !== 'current') continue;
      if (seen.includes('resync')) break;
      proxy.faults.next('WaitForUpdatesEx', { kind: 'fault', type: 'InvalidCollectorVersion' });
    }
    proxy.settings.updatesPerAnswer = 100;
    const all = ['enter', 'enter', 'enter', 'enter', 'current'];
    expect(seen).toEqual([...all, 'resync', ...all]);
  });

  proof('a listing is whole in pages, in pieces, packed, and without what vanishes', async ({ proxy }, vsphere) => {
    const names = [...(await machines(vsphere)).keys()].sort();
    expect(names).toHaveLength(4);
    for (const outcome of [{ kind: 'gzip' }, { kind: 'pieces', bytes: 3 }] as const) {
      proxy.faults.every('*', outcome);
      expect([...(await machines(vsphere)).keys()].sort()).toEqual(names);
      proxy.faults.clear();
    }
    for (const bytes of [1, 200, 700, 1_000]) {
      proxy.faults.next('RetrievePropertiesEx', { kind: 'truncate', bytes });
      proxy.faults.next('ContinueRetrievePropertiesEx', { kind: 'truncate', bytes });
      expect([...(await machines(vsphere)).keys()].sort()).toEqual(names);
    }
    const gone = await machine(vsphere);
    proxy.settings.vanished.push(gone);
    expect([...(await machines(vsphere)).keys()].sort()).toEqual(names.filter((name) => name !== 'DC0_H0_VM0'));
    proxy.settings.vanished.splice(0);
    proxy.settings.denied.push({ type: 'VirtualMachine', path: 'config' });
    const request = { from: [gone], type: 'VirtualMachine', paths: ['name', 'config.uuid'] } as const;
    for await (const { properties, missing } of vsphere.properties.retrieve(request)) {
      expect(properties.name).toBe('DC0_H0_VM0');
      expect(missing.map(({ path, fault }) => [path, fault.fault.$type])).toEqual([['config.uuid', 'NoPermission']]);
    }
    proxy.settings.denied.splice(0);
  });

  proofWithGovc(
    'an import is kept alive while it lasts; nothing stays of one that is given up',
    async (simulator, vsphere) => {
      const { proxy, peer } = simulator;
      proxy.settings.leaseTimeoutMs = 1_000;
      const names = async () => (await peer.govc(['find', '/', '-type', 'm'])).trim().split('\n');
      const info = await vsphere.leases.use(await beginImport(vsphere, 'kept'), async (lease) => {
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        return lease.info;
      });
      expect(info.leaseTimeout).toBe(1);
      expect(await names()).toContain('/DC0/vm/kept');
      const failed = vsphere.leases.use(await beginImport(vsphere, 'aborted'), () =>
        Promise.reject(new Error('no disk')),
      );
      await expect(failed).rejects.toThrow('no disk');
      expect(await names()).not.toContain('/DC0/vm/aborted');
      proxy.faults.every('HttpNfcLeaseProgress', { kind: 'fault', type: 'Timedout' });
      const ended = await caught(
        vsphere.leases.use(
          await beginImport(vsphere, 'ended'),
          ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ),
      );
      expect(isVsphereError(ended) && ended.code).toBe('TRANSFER_INCOMPLETE');
      expect(await names()).not.toContain('/DC0/vm/ended');
      proxy.faults.clear();
      proxy.faults.every('HttpNfcLeaseProgress', { kind: 'silence' });
      const silent = await vsphere.leases.open(await beginImport(vsphere, 'silent'));
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(isFault(await caught(silent.complete()), 'Timedout')).toBe(true);
      await caught(silent.abort());
      expect(await names()).not.toContain('/DC0/vm/silent');
      proxy.dropConnections();
      proxy.settings.leaseTimeoutMs = 0;
    },
  );
});
