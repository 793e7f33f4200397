import { beforeAll, expect, test } from '@jest/globals';
import { isFault, isVsphereError, type Reference, type Update, type Vsphere } from '../src/index.js';
import { collect, describeOn, describeOnVcsim, withClient } from './on-vcsim.js';

const soon = () => new Date(Date.now() + 20_000);

async function firstMachine(vsphere: Vsphere): Promise<Reference<'VirtualMachine'>> {
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
  const [first] = await collect(vsphere.properties.retrieve(request));
  if (!first) throw new Error('There is no machine.');
  return first.ref;
}

const TASK_TYPE = 'test.virt-drivers.idle';

/** Tells the server of the kind of task that tests make. */
async function registerTaskType(vsphere: Vsphere): Promise<void> {
  const { extensionManager } = vsphere.content;
  if (!extensionManager) throw new Error('The server has no manager of extensions.');
  const description = { label: 'test', summary: 'test' };
  const extension = { key: 'test.virt-drivers', version: '1', lastHeartbeatTime: '2026-01-01T00:00:00Z', description };
  const taskList = [{ taskID: TASK_TYPE }];
  await vsphere.invoke(extensionManager, 'RegisterExtension', { extension: { ...extension, taskList } });
}

/** A task that stays as it is until the test says otherwise. */
async function idleTask(vsphere: Vsphere): Promise<Reference<'Task'>> {
  const { taskManager, rootFolder } = vsphere.content;
  if (!taskManager) throw new Error('The server has no manager of tasks.');
  const request = { obj: rootFolder, taskTypeId: TASK_TYPE, cancelable: true };
  return (await vsphere.invoke(taskManager, 'CreateTask', request)).task;
}

await describeOnVcsim('tasks and changes', { machines: 5 }, (peer) => {
  test('a task gives its result, and its fault', async () => {
    await withClient(peer, async (vsphere) => {
      const machine = await firstMachine(vsphere);
      await vsphere.run(machine, 'PowerOffVM_Task', {}, { deadline: soon() });
      const error = await vsphere.run(machine, 'PowerOffVM_Task', {}).catch((caught: unknown) => caught);
      expect(isFault(error, 'InvalidPowerState') && error.fault.existingState).toBe('poweredOff');
      await vsphere.run(machine, 'PowerOnVM_Task', {});
    });
  });

  test('a watch tells what is there, then one change of one object, then what comes and goes', async () => {
    await withClient(peer, async (vsphere) => {
      const machine = await firstMachine(vsphere);
      const controller = new AbortController();
      const request = {
        from: vsphere.content.rootFolder,
        type: 'VirtualMachine',
        paths: ['name', 'runtime.powerState'],
      } as const;
      const seen: Update<'VirtualMachine', 'name' | 'runtime.powerState'>[] = [];
      let after = 0;
      const watching = vsphere.properties.watch(request, { signal: controller.signal, deadline: soon() });
      const error = await (async () => {
        for await (const update of watching) {
          seen.push(update);
          if (update.kind === 'current') {
            after = seen.length;
            await vsphere.run(machine, 'PowerOffVM_Task', {});
          }
          if (update.kind === 'modify' && update.properties['runtime.powerState'] === 'poweredOff')
            await vsphere.run(machine, 'Destroy_Task', {});
          if (update.kind === 'leave') controller.abort();
        }
      })().catch((caught: unknown) => caught);
      expect(isVsphereError(error) && error.code).toBe('CANCELLED');
      expect(seen.slice(0, after - 1).every(({ kind }) => kind === 'enter')).toBe(true);
      expect(after).toBe(11);
      const changes = seen.slice(after).flatMap((update) => ('ref' in update ? [update.ref.value] : []));
      expect(new Set(changes)).toEqual(new Set([machine.value]));
    });
  });

  test('a restarted server: the watch says resync and tells everything again', async () => {
    await withClient(peer, async (vsphere) => {
      const controller = new AbortController();
      const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
      const kinds: string[] = [];
      const watching = vsphere.properties.watch(request, {
        signal: controller.signal,
        deadline: new Date(Date.now() + 45_000),
      });
      for await (const { kind } of watching) {
        kinds.push(kind);
        if (kind === 'current' && kinds.includes('resync')) break;
        if (kind === 'current') setImmediate(() => void peer.restart());
      }
      const resync = kinds.indexOf('resync');
      expect(kinds.filter((kind) => kind === 'enter').length).toBe(2 * 9);
      expect(kinds[resync - 1]).toBe('current');
    });
  }, 60_000);
});

// Debian's simulator takes no tasks of others: CreateTask is not among its methods.
await describeOn('tasks that the test directs', { machines: 5, variant: 'current' }, (peer) => {
  beforeAll(() => withClient(peer, registerTaskType));

  test('many waits share one collector; progress, end and failure reach each of them', async () => {
    await withClient(peer, async (vsphere) => {
      const tasks = await Promise.all(Array.from({ length: 4 }, () => idleTask(vsphere)));
      const told: number[][] = tasks.map(() => []);
      const waits = tasks.map((task, index) =>
        vsphere.tasks.wait(task, { deadline: soon(), onProgress: (percent) => told[index]?.push(percent) }),
      );
      const settled = Promise.allSettled(waits);
      for (const [index, task] of tasks.entries()) {
        await vsphere.invoke(task, 'SetTaskState', { state: 'running' });
        await vsphere.invoke(task, 'UpdateProgress', { percentDone: 10 + index });
        const fault = { fault: { $type: 'NoDiskSpace', datastore: 'x', file: 'y' } as const, localizedMessage: 'voll' };
        if (index === 3) await vsphere.invoke(task, 'SetTaskState', { state: 'error', fault });
        else await vsphere.invoke(task, 'SetTaskState', { state: 'success', result: `done ${index}` });
      }
      const outcomes = await settled;
      expect(outcomes.slice(0, 3)).toEqual([0, 1, 2].map((index) => ({ status: 'fulfilled', value: `done ${index}` })));
      const last = outcomes[3];
      expect(last?.status === 'rejected' && isFault(last.reason, 'NoDiskSpace')).toBe(true);
      expect(told.every((percents) => percents.every((percent) => percent >= 10 && percent < 14))).toBe(true);
      // Filters and collectors of the waits are gone with them.
      const later = await idleTask(vsphere);
      const wait = vsphere.tasks.wait(later, { deadline: soon() });
      await vsphere.invoke(later, 'SetTaskState', { state: 'success', result: 7n });
      expect(await wait).toBe(7n);
    });
  });

  test('a wait ends at its deadline and by its signal; the task may be cancelled with it', async () => {
    await withClient(peer, async (vsphere) => {
      const task = await idleTask(vsphere);
      const late = await vsphere.tasks
        .wait(task, { deadline: new Date(Date.now() + 300) })
        .catch((error: unknown) => error);
      expect(isVsphereError(late) && late.code).toBe('DEADLINE_EXCEEDED');
      const controller = new AbortController();
      const wait = vsphere.tasks.wait(task, { signal: controller.signal, cancelOnAbort: true });
      const settled = wait.catch((error: unknown) => error);
      controller.abort();
      const cancelled = await settled;
      expect(isVsphereError(cancelled) && cancelled.code).toBe('CANCELLED');
      const { info } = await vsphere.properties.get(task, ['info']);
      expect(info?.cancelled === true || info?.state === 'error').toBe(true);
    });
  });

  test('closing the client ends its waits', async () => {
    let wait: Promise<unknown> | undefined;
    await withClient(peer, async (vsphere) => {
      wait = vsphere.tasks.wait(await idleTask(vsphere)).catch((error: unknown) => error);
      // One round trip, so that the wait has begun.
      await vsphere.properties.get(vsphere.content.rootFolder, ['name']);
    });
    const error = await wait;
    expect(isVsphereError(error) && error.code).toBe('CLOSED');
  });
});

await describeOn('where nobody may direct tasks', { variant: 'debian' }, (peer) => {
  test('that is a fault by its type', async () => {
    await withClient(peer, async (vsphere) => {
      const error = await idleTask(vsphere).catch((caught: unknown) => caught);
      expect(isFault(error, 'MethodNotFound')).toBe(true);
    });
  });
});
