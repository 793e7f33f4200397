import {
  DriverError,
  isDriverError,
  taskId,
  type CallOptions,
  type Condition,
  type FacetAs,
  type HostId,
  type Task,
} from '@virt-drivers/core';
import { createTask } from '@virt-drivers/core/kit';
import type { Reference } from '@virt-drivers/vsphere';
import { randomUUID } from 'node:crypto';
import type { capabilities } from './capabilities.js';
import type { About } from './errors.js';
import type { MachineView } from './machine-views.js';
import { moveMachine } from './migration/move.js';
import { planRoute } from './migration/route.js';
import { readPlaces, type Place } from './places.js';
import type { VmwareSession } from './session.js';

const ONE_HOST: Condition = {
  needs: 'machine-type',
  value: 'host',
  reason: 'A cluster is taken out of service host by host.',
};
/** Seconds that the server waits for machines that were started at the last moment. */
const PATIENCE_SECONDS = 60;

/** A host with the object that acts on it. */
interface Member {
  readonly place: Place;
  readonly ref: Reference<'HostSystem'>;
}

/** Taking ESXi hosts out of service. What an administrator set of their cluster's scheduler stays as it is. */
export function createMaintenance(session: VmwareSession): FacetAs<'maintenance', typeof capabilities.maintenance> {
  const { runTask } = session;
  const enter = async ({ place, ref }: Member, evacuate: boolean, report: Report, options: CallOptions) => {
    if (evacuate) await evacuateHost(session, place, report, options);
    const request = { timeout: PATIENCE_SECONDS, evacuatePoweredOffVms: false };
    await runTask({ ...aboutHost(place.id), within: { minutes: 60 } }, options, (vsphere, call) =>
      vsphere.invoke(ref, 'EnterMaintenanceMode_Task', request, call),
    );
  };
  const powerChange =
    (method: 'RebootHost_Task' | 'ShutdownHost_Task') =>
    async (id: HostId, options: CallOptions = {}): Promise<Task<void>> => {
      const { place, ref } = await findMember(session, id, options);
      if (place.state !== 'maintenance')
        throw new DriverError(
          'HOST.WRONG_STATE',
          `Host ${place.name} is in state ${place.state}; take it out of service first.`,
          { subject: id },
        );
      return newTask(async (_, signal) => {
        await runTask(aboutHost(id), { signal }, (vsphere, call) =>
          vsphere.invoke(ref, method, { force: false }, call),
        );
      });
    };

  return {
    async enter(id, { evacuate = false } = {}, options = {}) {
      const member = await findMember(session, id, options);
      if (member.place.state === 'maintenance') return newTask(async () => undefined);
      if (!evacuate) await refuseRunning(session, member.place, options);
      return newTask((report, signal) => enter(member, evacuate, report, { signal }));
    },
    async leave(id, options = {}) {
      const { place, ref } = await findMember(session, id, options);
      if (place.state !== 'maintenance') return newTask(async () => undefined);
      return newTask(async (_, signal) => {
        await runTask(aboutHost(id), { signal }, (vsphere, call) =>
          vsphere.invoke(ref, 'ExitMaintenanceMode_Task', { timeout: PATIENCE_SECONDS }, call),
        );
      });
    },
    rebootHost: powerChange('RebootHost_Task'),
    powerOffHost: powerChange('ShutdownHost_Task'),
  };
}

type Report = (fraction: number) => void;

const newTask = (run: (report: Report, signal: AbortSignal) => Promise<void>): Task<void> =>
  createTask({
    id: taskId(`local-${randomUUID()}`),
    run: (report, signal) => run((fraction) => report({ fraction }), signal),
  });

const aboutHost = (id: HostId) =>
  ({
    what: `Host ${id}`,
    subject: id,
    notFound: 'HOST.NOT_FOUND',
    means: { Timedout: { code: 'HOST.WRONG_STATE', says: 'still has machines that run' } },
  }) as const satisfies About;

async function findMember(session: VmwareSession, id: HostId, options: CallOptions): Promise<Member> {
  const place = (await readPlaces(session, options)).find((one) => one.id === id);
  if (!place) throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there.`, { subject: id });
  if (place.host) return { place, ref: place.host };
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Host ${place.name} is a cluster. ${ONE_HOST.reason}`, {
    subject: id,
    condition: ONE_HOST,
  });
}

async function runningOn({ machines }: VmwareSession, place: Place, options: CallOptions): Promise<MachineView[]> {
  const refs = place.machines.map(({ value }) => ({ type: 'VirtualMachine', value }) as const);
  const found: MachineView[] = [];
  for await (const view of machines.all(options, refs)) {
    if (isDriverError(view)) throw view;
    if (view.machine.state === 'running') found.push(view);
  }
  return found;
}

async function refuseRunning(session: VmwareSession, place: Place, options: CallOptions): Promise<void> {
  const [first, ...others] = await runningOn(session, place, options);
  if (!first) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const text = `Host ${place.name} runs machine ${first.machine.id}${more}. Stop them, or ask for evacuation.`;
  throw new DriverError('HOST.WRONG_STATE', text, { subject: place.id, heldBy: first.machine.id });
}

/** Moves what runs there to other hosts, one after the other. What had moved before an error stays where it went. */
async function evacuateHost(session: VmwareSession, place: Place, report: Report, options: CallOptions): Promise<void> {
  const running = await runningOn(session, place, options);
  for (const [index, view] of running.entries()) {
    await moveMachine(session, view, await planRoute(session, view, {}, options), options);
    report((index + 1) / (running.length + 1));
  }
}
