import {
  DriverError,
  isDriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type MachineState,
} from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import { ask, startAnew, switchOff } from './guest/life.js';
import type { MemorySession } from './session.js';
import { turnOn } from './world/turn-on.js';

const GUEST_REACTS_WITHIN = { seconds: 60 };

async function stop(session: MemorySession, id: MachineId, options: CallOptions): Promise<MachineState> {
  const call = { ...options, deadline: options.deadline ?? deadlineIn(GUEST_REACTS_WITHIN) };
  await session.change((scene) => {
    const machine = session.idle(scene, id);
    if (machine.state === 'paused' || machine.state === 'saved') throw wrongState(machine, 'running');
    ask(scene, machine, 'power-off');
  });
  try {
    return await session.until(
      (scene) => {
        const { state } = session.machine(scene, id);
        return state === 'running' ? undefined : state;
      },
      call,
      { what: `Stopping machine ${id}`, subject: id, stateAfter: 'partial' },
    );
  } catch (error) {
    if (!isDriverError(error, 'CALL.DEADLINE_EXCEEDED')) throw error;
    return session.look((scene) => session.machine(scene, id).state);
  }
}

/** Facet `power`. */
export const createPower = (session: MemorySession): FacetAs<'power', typeof capabilities.power> => ({
  start: (id) => session.change((scene) => turnOn(scene, session.idle(scene, id))),
  stop: (id, options = {}) => stop(session, id, options),
  kill: (id) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      if (machine.state !== 'stopped') switchOff(scene, machine, 'requested');
    }),
  reset: (id) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      if (machine.state !== 'running') throw wrongState(machine, 'running');
      startAnew(scene, machine);
    }),
  reboot: (id) =>
    session.change((scene) => {
      const machine = session.idle(scene, id);
      if (machine.state !== 'running') throw wrongState(machine, 'running');
      if (!machine.guest)
        throw new DriverError('GUEST.UNAVAILABLE', `Machine ${id} has no guest that could be asked.`, { subject: id });
      ask(scene, machine, 'reboot');
    }),
});
