import {
  DriverError,
  isDriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type MachineState,
} from '@virt-drivers/core';
import { deadlineIn, delay, remaining } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { aboutMachine } from './machine-views.js';
import { toState } from './convert/state.js';
import type { VmwareSession } from './session.js';

const PATIENCE = { seconds: 60 };
/** The answer is due before the caller stops waiting, not when. */
const ANSWER_MILLISECONDS = 150;
const LOOK_EVERY = { milliseconds: 250 };

/** Power of virtual machines. */
export function createPower(session: VmwareSession): FacetAs<'power', typeof capabilities.power> {
  const { machines, runTask, locks } = session;

  const stateOf = (id: MachineId, options: CallOptions): Promise<MachineState> =>
    machines.call(id, { reads: true }, options, async (ref, vsphere, call) => {
      const paths = ['runtime.powerState', 'runtime.connectionState'] as const;
      const values = await vsphere.properties.get(ref, paths, call);
      const { 'runtime.powerState': powerState = 'poweredOff', 'runtime.connectionState': connection } = values;
      return toState({ powerState, connectionState: connection ?? 'connected' });
    });

  const change = async (
    id: MachineId,
    method: 'PowerOnVM_Task' | 'PowerOffVM_Task' | 'ResetVM_Task',
    options: CallOptions,
  ): Promise<void> => {
    const ref = await machines.ref(id, options);
    const kind = { ...aboutMachine(id), within: { minutes: 5 } };
    await runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, method, {}, call));
  };

  /** A change that is done when the machine is in the state, whoever brought it there. */
  const reach = async (
    id: MachineId,
    method: 'PowerOnVM_Task' | 'PowerOffVM_Task',
    isThere: (state: MachineState) => boolean,
    options: CallOptions,
  ): Promise<void> => {
    try {
      await change(id, method, options);
    } catch (error) {
      if (!isDriverError(error, 'MACHINE.WRONG_STATE') || !isThere(await stateOf(id, options))) throw error;
    }
  };

  const ask = async (id: MachineId, method: 'ShutdownGuest' | 'RebootGuest', options: CallOptions): Promise<void> => {
    await machines.call(id, {}, options, (ref, vsphere, call) => vsphere.invoke(ref, method, {}, call));
  };

  const refuseUnlessRunning = async (id: MachineId, options: CallOptions): Promise<void> => {
    const state = await stateOf(id, options);
    if (state !== 'running') throw wrongState(id, state, 'only a running machine can be asked');
  };

  return {
    start: (id, options = {}) =>
      locks.run(id, options, async () => {
        const state = await stateOf(id, options);
        if (state === 'running') return;
        await reach(id, 'PowerOnVM_Task', (now) => now === 'running', options);
      }),
    async stop(id, options = {}) {
      const deadline = options.deadline ?? deadlineIn(PATIENCE);
      const state = await stateOf(id, options);
      if (state === 'stopped' || state === 'failed') return state;
      if (state !== 'running') throw wrongState(id, state, 'there is nobody inside who could react');
      await ask(id, 'ShutdownGuest', { ...options, deadline });
      return waitUntilStopped(() => stateOf(id, options), { ...options, deadline });
    },
    kill: (id, options = {}) =>
      locks.run(id, options, async () => {
        const state = await stateOf(id, options);
        if (state === 'stopped') return;
        await reach(id, 'PowerOffVM_Task', (now) => now === 'stopped', options);
      }),
    async reset(id, options = {}) {
      await refuseUnlessRunning(id, options);
      await change(id, 'ResetVM_Task', options);
    },
    async reboot(id, options = {}) {
      await refuseUnlessRunning(id, options);
      await ask(id, 'RebootGuest', options);
    },
  };
}

/** Looks until the machine has stopped, or shortly before the deadline; resolves to the last state seen. */
async function waitUntilStopped(
  look: () => Promise<MachineState>,
  options: CallOptions & { readonly deadline: Date },
): Promise<MachineState> {
  for (;;) {
    const state = await look();
    const left = remaining(options.deadline) - ANSWER_MILLISECONDS;
    if (state === 'stopped' || left <= 0) return state;
    const wait = Math.min(LOOK_EVERY.milliseconds, left);
    await delay({ milliseconds: wait }, options, { what: 'Waiting for the guest', stateAfter: 'unknown' });
  }
}

const wrongState = (id: string, state: MachineState, why: string): DriverError =>
  new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}: ${why}.`, { subject: id });
