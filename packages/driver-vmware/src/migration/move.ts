import {
  DriverError,
  hostId,
  isDriverError,
  taskId,
  type CallOptions,
  type Machine,
  type MachineId,
  type Task,
  type TaskProgress,
} from '@virt-drivers/core';
import { afterChange, createTask } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { toOptionValues } from '../convert/extra-config.js';
import { readNote } from '../convert/note.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import { noteSetting } from '../machines/settings.js';
import { reconfigure } from '../reconfigure.js';
import { keepGroup } from '../server-groups.js';
import type { VmwareSession } from '../session.js';
import type { Moves } from './moves.js';
import type { Route } from './route.js';

/** Moves a machine, as a task. Cancelling it cancels the server's, which leaves the machine where it was. */
export const startMove = (session: VmwareSession, moves: Moves, view: MachineView, route: Route): Task<Machine> =>
  createTask({
    id: taskId(`local-${randomUUID()}`),
    run: (report, signal) =>
      moves.during(view.machine, route.copiedBytes, () => moveMachine(session, view, route, { signal }, report)),
  });

/** Moves a machine and describes it where it is then. Errors: `MIGRATION.FAILED`, after which it is where it was. */
export async function moveMachine(
  session: VmwareSession,
  view: MachineView,
  route: Route,
  options: CallOptions,
  report: (progress: TaskProgress) => void = () => undefined,
): Promise<Machine> {
  const { id } = view.machine;
  return session.locks.run(id, options, async () => {
    try {
      const kind = {
        ...aboutMachine(id),
        within: { minutes: 600 },
        onProgress: (fraction: number) => report({ fraction }),
      };
      await session.runTask(kind, options, (vsphere, call) =>
        vsphere.invoke(view.ref, 'RelocateVM_Task', { spec: route.spec, priority: 'defaultPriority' }, call),
      );
    } catch (error) {
      throw await failed(session, id, error);
    }
    await afterChange(notePlace(session, id, route, {}));
    const group = readNote(view.settings, id)?.group;
    if (group) await afterChange(keepGroup(session, group, {}));
    return (await afterChange(session.machines.view(id, {}))).machine;
  });
}

/** vSphere takes a move that failed back by itself; what it says of the machine then is told with the error. */
async function failed(session: VmwareSession, id: MachineId, error: unknown): Promise<unknown> {
  if (!isDriverError(error) || /^(CALL|ACCESS|DRIVER)\./.test(error.code) || error.stateAfter === 'unknown')
    return error;
  const there = await session.machines.view(id, {}).catch(() => undefined);
  const where = there ? ` It is on host ${there.machine.host}, ${there.machine.state}.` : '';
  return new DriverError('MIGRATION.FAILED', `Machine ${id} was not moved: ${error.message}${where}`, {
    subject: id,
    cause: error,
    stateAfter: there ? 'unchanged' : 'unknown',
    ...(error.native && { native: error.native }),
  });
}

/** A machine that was placed on a cluster as a whole is told by it; one that was moved to a host is told by the host. */
async function notePlace(session: VmwareSession, id: MachineId, { place }: Route, options: CallOptions): Promise<void> {
  const view = await session.machines.view(id, options);
  const note = readNote(view.settings, id);
  const cluster = place.cluster && hostId(place.cluster.value);
  if (!note || note.cluster === cluster) return;
  const { cluster: _, ...others } = note;
  const extraConfig = toOptionValues([noteSetting({ ...others, ...(cluster && { cluster }) })]);
  await reconfigure(session, view, { extraConfig }, options);
}
