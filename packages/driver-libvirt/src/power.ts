import {
  DriverError,
  isDriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type MachineState,
} from '@virt-drivers/core';
import { deadlineIn, delay } from '@virt-drivers/core/kit';
import {
  DomainRebootFlags,
  DomainShutdownFlags,
  domainCreateWithFlags,
  domainDestroy,
  domainReboot,
  domainReset,
  domainShutdownFlags,
  type Domain,
} from '@virt-drivers/libvirt';
import type { capabilities } from './capabilities.js';
import type { NativeCall } from './connection.js';
import { toState } from './convert/state.js';
import { aboutMachine, domainOf } from './domains.js';
import { waitForDomain } from './domain-waiting.js';
import { readyUnits } from './host-initiator/units.js';
import { renewingTexts } from './machines/texts.js';
import { byAnyPortal } from './remote-failover.js';
import type { LibvirtSession } from './session.js';

const REFUSED_STATES: ReadonlySet<MachineState> = new Set(['paused', 'saved']);
const PATIENCE = { seconds: 60 };

/** Power of libvirt domains. */
export function createPower(session: LibvirtSession): FacetAs<'power', typeof capabilities.power> {
  const { daemon, domains, locks, events } = session;
  const change = (domain: Domain, options: CallOptions, run: NativeCall<unknown>): Promise<unknown> =>
    daemon.call({ ...aboutMachine(domain.uuid), long: true, within: { minutes: 2 } }, options, run);

  const stateOf = async (id: MachineId, options: CallOptions): Promise<MachineState> =>
    toState(await domains.state(id, options), false);

  const ask = async (id: MachineId, options: CallOptions, run: NativeCall<unknown>): Promise<void> => {
    const state = await stateOf(id, options);
    if (state !== 'running') throw wrongState(id, state, 'only a running machine can be asked');
    await daemon.call(aboutMachine(id), options, run);
  };

  return {
    async start(id, options = {}) {
      const domain = domainOf(id);
      await locks.run(id, options, async () => {
        const state = await stateOf(id, options);
        if (state === 'running') return;
        if (state === 'paused') throw wrongState(id, state, 'resume it instead');
        if (session.options.hostInitiator !== undefined) await readyUnits(session, id, options);
        const begin = () =>
          change(domain, options, (connection, call) => domainCreateWithFlags(connection, domain, 0, call));
        const start = () =>
          byAnyPortal(session, domain, options, begin).catch(async (error: unknown) => {
            // Somebody else started it in between.
            if (!isDriverError(error, 'MACHINE.WRONG_STATE') || (await stateOf(id, options)) !== 'running') throw error;
          });
        if (await domains.isSaved(domain, options))
          await renewingTexts(session, await domains.view(id, options), options, start);
        else await start();
      });
    },
    async stop(id, options = {}) {
      const domain = domainOf(id);
      const deadline = options.deadline ?? deadlineIn(PATIENCE);
      const { machine } = await domains.view(id, options);
      if (machine.state === 'stopped' || machine.state === 'failed') return machine.state;
      if (REFUSED_STATES.has(machine.state))
        throw wrongState(id, machine.state, 'there is nobody inside who could react');
      // The answer is due before the caller stops waiting, not when.
      const until = new Date(deadline.getTime() - ANSWER_MILLISECONDS);
      const stopped = async (): Promise<boolean> => (await stateOf(id, { ...options, deadline })) !== 'running';
      const askGuest = () =>
        daemon.call(aboutMachine(id), { ...options, deadline }, (connection, call) =>
          domainShutdownFlags(connection, domain, DomainShutdownFlags.Default, call),
        );
      await waitForDomain(events, domain, { ...options, deadline: until }, stopped, () =>
        askGuest().catch(async (error: unknown) => {
          // It stopped by itself in between; where QEMU died, libvirt notices by what it could not say to it.
          if (isDriverError(error, 'MACHINE.WRONG_STATE') && (await stopped())) return;
          if (isDriverError(error, 'HOST.FAILED') && (await isSoon(stopped, { ...options, deadline }))) return;
          throw error;
        }),
      );
      return stateOf(id, { ...options, deadline });
    },
    async kill(id, options = {}) {
      const domain = domainOf(id);
      if (['stopped', 'failed'].includes(await stateOf(id, options))) return;
      await change(domain, options, (connection, call) => domainDestroy(connection, domain, call)).catch(
        (error: unknown) => {
          // It stopped by itself in between.
          if (!isDriverError(error, 'MACHINE.WRONG_STATE')) throw error;
        },
      );
    },
    async reset(id, options = {}) {
      const domain = domainOf(id);
      await ask(id, options, (connection, call) => domainReset(connection, domain, 0, call));
    },
    async reboot(id, options = {}) {
      const domain = domainOf(id);
      await ask(id, options, (connection, call) => domainReboot(connection, domain, DomainRebootFlags.Default, call));
    },
  };
}

const ANSWER_MILLISECONDS = 100;
const LOOKS = 10;
const BETWEEN_LOOKS = { milliseconds: 200 };

/** Whether it comes to hold within two seconds. */
async function isSoon(holds: () => Promise<boolean>, options: CallOptions): Promise<boolean> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if (await holds()) return true;
    await delay(BETWEEN_LOOKS, options);
  }
  return false;
}

const wrongState = (id: string, state: MachineState, why: string): DriverError =>
  new DriverError('MACHINE.WRONG_STATE', `Machine ${id} is ${state}: ${why}.`, { subject: id });
