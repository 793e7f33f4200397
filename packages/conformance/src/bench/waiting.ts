import type {
  CallOptions,
  DriverEvent,
  Machine,
  MachineId,
  MachineState,
  OpenDriver,
  WatchRequest,
} from '@virt-drivers/core';
import type { Ledger } from './ledger.js';
import { tailOf, type Tail } from './tail.js';

/** Waiting for what happens on the endpoint, by its events. */
export interface Waiting {
  /** Watches from now on; ended after the case. */
  watch(request?: WatchRequest): Promise<Tail<DriverEvent>>;
  /** Waits until the machine is in the state and not busy, and returns it. */
  until(id: MachineId, state: MachineState): Promise<Machine>;
}

const show = (event: DriverEvent): string =>
  event.kind === 'machine-state' ? `${event.kind} ${event.state} (${event.reason})` : event.kind;

/** True for events about this machine. */
export const isAbout = (event: DriverEvent, id: MachineId): boolean => 'machine' in event && event.machine === id;

/** Waiting for one case, whose signal ends every wait. */
export function createWaiting(
  driver: OpenDriver,
  ledger: Ledger,
  call: CallOptions & { readonly signal: AbortSignal },
): Waiting {
  const watch: Waiting['watch'] = async (request) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([call.signal, stop.signal]);
    const items = await driver.events.watch(request, { signal });
    const tail = tailOf({ items, signal: call.signal, show, stop: () => stop.abort() });
    ledger.action('watch', () => tail.close());
    return tail;
  };
  return {
    watch,
    async until(id, state) {
      const tail = await watch();
      for (;;) {
        const machine = await driver.machines.get(id, call);
        if (machine.state === state && machine.busy === undefined) {
          await tail.close();
          return machine;
        }
        await tail.next(
          `machine ${id} to be ${state}; it is ${machine.state}`,
          (event) => event.kind === 'resync' || isAbout(event, id),
        );
      }
    },
  };
}
