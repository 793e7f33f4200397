import { DriverError, type CallOptions, type MachineId, type MachineState, type Suspension } from '@virt-drivers/core';
import { aboutMachine } from './machine-views.js';
import type { VmwareSession } from './session.js';

type Saving = Required<Pick<Suspension, 'save' | 'restore' | 'discardSaved'>>;
type Method = 'SuspendVM_Task' | 'PowerOnVM_Task';

/** vSphere's suspension: memory goes to a datastore. */
export function createSuspension({ machines, runTask, locks }: VmwareSession): Saving {
  /** Acts on a machine in one state; one that is where it shall be is left as it is. */
  const from = (
    id: MachineId,
    options: CallOptions,
    { state: wanted, reached }: { readonly state: MachineState; readonly reached: MachineState },
    method: Method,
  ): Promise<void> =>
    locks.run(id, options, async () => {
      const {
        ref,
        machine: { state },
      } = await machines.view(id, options);
      if (state === reached) return;
      if (state !== wanted) {
        const text = `Machine ${id} is ${state}; for this it must be ${wanted}.`;
        throw new DriverError('MACHINE.WRONG_STATE', text, { subject: id });
      }
      const kind = { ...aboutMachine(id), within: { minutes: 30 } };
      await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, method, {}, call));
    });

  return {
    save: (id, options = {}) => from(id, options, { state: 'running', reached: 'saved' }, 'SuspendVM_Task'),
    restore: (id, options = {}) => from(id, options, { state: 'saved', reached: 'running' }, 'PowerOnVM_Task'),
    discardSaved: (id, options = {}) =>
      locks.run(id, options, async () => {
        const { ref, machine } = await machines.view(id, options);
        // A machine that runs has nothing saved, and one that is stopped has nothing any more.
        if (machine.state !== 'saved') return;
        await runTask(aboutMachine(id), options, (vsphere, call) => vsphere.invoke(ref, 'PowerOffVM_Task', {}, call));
      }),
  };
}
