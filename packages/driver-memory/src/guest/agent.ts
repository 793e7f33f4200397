import { DriverError } from '@virt-drivers/core';
import { wrongState } from '../errors.js';
import type { MachineEntry } from '../world/state.js';
import type { GuestState } from './guest-state.js';

/** The guest whose agent answers; else `MACHINE.WRONG_STATE` or `GUEST.UNAVAILABLE`. */
export function agentOf(machine: MachineEntry): GuestState {
  if (machine.state !== 'running') throw wrongState(machine, 'running');
  const { guest, temperament } = machine;
  if (guest?.phase === 'ready' && temperament.agent) return guest;
  const why = temperament.agent ? 'is not up yet; try again' : 'has no agent; install one in it';
  throw new DriverError('GUEST.UNAVAILABLE', `Guest of machine ${machine.id} ${why}.`, { subject: machine.id });
}

/** `GUEST.REFUSED` for what the guest does not do, with its words. */
export const refused = (machine: MachineEntry, why: string): DriverError =>
  new DriverError('GUEST.REFUSED', `Guest of machine ${machine.id} refuses: ${why}.`, {
    subject: machine.id,
    native: { code: 'guest', message: why },
  });

/** `GUEST.REFUSED` while the file systems are at rest. */
export function checkThawed(machine: MachineEntry): void {
  if (machine.guest?.frozenUntil) throw refused(machine, 'file systems are frozen; thaw them first');
}
