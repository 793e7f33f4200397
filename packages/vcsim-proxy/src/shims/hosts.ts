import { invokeTask, readProperty, readReferences } from '../behaviours/simulator-objects.js';
import type { Call } from '../soap/call.js';
import { textOf } from '../xml/element.js';
import { Refusal, taskShim, type Shim, type Shims, type ShimTools } from './shim.js';

/** What the simulators cannot do with hosts, or do without looking. */
export function hostShims(tools: ShimTools): { readonly missing: Shims; readonly lenient: Shims } {
  const { upstream } = tools;

  const requireMaintenance = async (call: Call): Promise<void> => {
    const inMaintenance = await readProperty(upstream, call, call.self, 'runtime.inMaintenanceMode');
    if (inMaintenance?.text === 'true' || textOf(call.operation, 'force') === 'true') return;
    throw new Refusal({ type: 'InvalidState', message: 'The host is not in maintenance mode.' });
  };

  const anyRuns = async (call: Call): Promise<boolean> => {
    for (const machine of await readReferences(upstream, call, call.self, 'vm')) {
      const state = await readProperty(upstream, call, machine, 'runtime.powerState').catch(() => undefined);
      // The simulators go on listing a machine that has moved away.
      const host = await readProperty(upstream, call, machine, 'runtime.host').catch(() => undefined);
      if (state?.text === 'poweredOn' && host?.text === call.self.value) return true;
    }
    return false;
  };

  const powerCycle: Shim = taskShim(tools, async (call) => {
    await requireMaintenance(call);
    await invokeTask(upstream, call, call.self, 'DisconnectHost_Task', []);
    return undefined;
  });

  return {
    missing: {
      RebootHost_Task: taskShim(tools, async (call) => {
        await requireMaintenance(call);
        return undefined;
      }),
      ShutdownHost_Task: powerCycle,
    },
    lenient: {
      // A real host waits until nothing runs on it any more, and gives up after the time that was asked for.
      EnterMaintenanceMode_Task: taskShim(tools, async (call) => {
        if (await anyRuns(call)) throw new Refusal({ type: 'Timedout', message: 'Machines still run on the host.' });
        return invokeTask(
          upstream,
          call,
          call.self,
          'EnterMaintenanceMode_Task',
          call.operation.children.filter(({ name }) => name !== '_this'),
        );
      }),
    },
  };
}
