import { invokeTask, readProperty } from '../behaviours/simulator-objects.js';
import { resultAnswer } from '../soap/answer.js';
import { child, element } from '../xml/element.js';
import {
  plainShim,
  Refusal,
  referenceIn,
  requirePower,
  requireTools,
  taskShim,
  type Shims,
  type ShimTools,
} from './shim.js';

/** What the simulator cannot do with machines. */
export function machineShims(tools: ShimTools): Shims {
  const { upstream } = tools;
  return {
    // Its snapshots make no disks that could be consolidated.
    ConsolidateVMDisks_Task: taskShim(tools, async (call) => {
      await readProperty(upstream, call, call.self, 'name');
      return undefined;
    }),
    MigrateVM_Task: taskShim(tools, async (call) => {
      const state = child(call.operation, 'state')?.text;
      if (state !== undefined) await requirePower(tools, call, call.self, state);
      const [pool, host] = [referenceIn(call.operation, 'pool'), referenceIn(call.operation, 'host')];
      if (!pool && !host)
        throw new Refusal({ type: 'InvalidArgument', message: 'Neither a host nor a pool is named.' });
      const spec = element('spec', [
        ...(pool ? [element('pool', pool.value, { type: pool.type })] : []),
        ...(host ? [element('host', host.value, { type: host.type })] : []),
      ]);
      return invokeTask(upstream, call, call.self, 'RelocateVM_Task', [spec]);
    }),
    RebootGuest: plainShim(async (call) => {
      await requirePower(tools, call, call.self, 'poweredOn');
      await requireTools(tools, call, call.self);
      return resultAnswer(call.method);
    }),
    StandbyGuest: plainShim(async (call) => {
      await requirePower(tools, call, call.self, 'poweredOn');
      await requireTools(tools, call, call.self);
      await invokeTask(upstream, call, call.self, 'SuspendVM_Task', []);
      return resultAnswer(call.method);
    }),
    SendNMI: plainShim(async (call) => {
      await requirePower(tools, call, call.self, 'poweredOn');
      return resultAnswer(call.method);
    }),
    TerminateVM: plainShim(async (call) => {
      await requirePower(tools, call, call.self, 'poweredOn');
      await invokeTask(upstream, call, call.self, 'PowerOffVM_Task', []);
      return resultAnswer(call.method);
    }),
    FindAllByUuid: plainShim(async (call) => {
      const parameters = call.operation.children.filter(({ name }) => name !== '_this');
      return resultAnswer(call.method, await upstream.invoke(call, call.self, 'FindByUuid', parameters));
    }),
    SetLocale: plainShim((call) => Promise.resolve(resultAnswer(call.method))),
    // The simulator's own one breaks the connection.
    QueryPerfCounter: plainShim(async (call) => {
      const all = await readProperty(upstream, call, call.self, 'perfCounter');
      const wanted = new Set(
        call.operation.children.filter(({ name }) => name === 'counterId').map(({ text }) => text),
      );
      const found = all?.children.filter((each) => wanted.has(child(each, 'key')?.text ?? '')) ?? [];
      if (found.length < wanted.size)
        throw new Refusal({ type: 'InvalidArgument', message: 'There is no such counter.' });
      return resultAnswer(
        call.method,
        found.map((each) => ({ ...each, name: 'returnval' })),
      );
    }),
  };
}
