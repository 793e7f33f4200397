import {
  isDriverError,
  type CallOptions,
  type ErrorCode,
  type MigrationObstacle,
  type MigrationPlan,
} from '@virt-drivers/core';
import type { CheckResult } from '@virt-drivers/vsphere';
import { aboutMachine, type MachineView } from '../machine-views.js';
import type { VmwareSession } from '../session.js';
import { obstaclesAt, obstaclesIn, obstaclesOfState } from './obstacles.js';
import { planRoute, type Route } from './route.js';

/** What refuses a route is an obstacle of it. */
const ROUTE_CODES: { readonly [Code in ErrorCode]?: MigrationObstacle['code'] } = {
  'HOST.WRONG_STATE': 'state',
  'HOST.NOT_FOUND': 'other',
  'HOST.NOT_ENOUGH_RESOURCES': 'resources',
  'POOL.NOT_FOUND': 'storage',
  'NETWORK.NOT_FOUND': 'network',
  'MIGRATION.INCOMPATIBLE': 'storage',
};

/** What would stand in the way: by the machine's state, by what the destination has, and by the server's own check. */
export async function checkMove(
  session: VmwareSession,
  view: MachineView,
  plan: MigrationPlan,
  options: CallOptions,
): Promise<readonly MigrationObstacle[]> {
  const ofState = obstaclesOfState(view, plan);
  const route = await planRoute(session, view, plan, options).catch((error: unknown) => {
    const code = isDriverError(error) ? ROUTE_CODES[error.code] : undefined;
    if (!isDriverError(error) || code === undefined) throw error;
    return [{ code, message: error.message }];
  });
  if (!('spec' in route)) return [...ofState, ...route];
  const atPlace = obstaclesAt(route.place, view.machine.id, route.stores, route.networks);
  if (atPlace.length > 0) return [...ofState, ...atPlace];
  return [...ofState, ...(await serverCheck(session, view, route, options))];
}

async function serverCheck(
  { center, runTask }: VmwareSession,
  { ref, machine: { id } }: MachineView,
  { spec, place }: Route,
  options: CallOptions,
): Promise<readonly MigrationObstacle[]> {
  const { vmProvisioningChecker: checker } = center.content;
  // A single host checks nothing, and cannot check what a scheduler will choose.
  if (!checker || !place.host) return [];
  const about = { ...aboutMachine(id), reads: true };
  const results = await runTask(about, options, (vsphere, call) =>
    vsphere.invoke(checker, 'CheckRelocate_Task', { vm: ref, spec }, call),
  ).catch((error: unknown) => {
    // A server that cannot check finds out while it moves.
    if (isDriverError(error, 'CAPABILITY.ABSENT')) return [];
    throw error;
  });
  return obstaclesIn(id, Array.isArray(results) ? results.filter(isCheckResult) : []);
}

// The result of a task is `any` on the wire.
const isCheckResult = (one: unknown): one is CheckResult => typeof one === 'object' && one !== null;
