import { machineId, type DriverEvent } from '@virt-drivers/core';
import type { VirtualMachineConnectionState, VirtualMachinePowerState } from '@virt-drivers/vsphere';
import { toState } from './state.js';

type WithoutBase<Event> = Event extends unknown ? Omit<Event, 'cursor' | 'at' | 'timeSource' | 'native'> : never;

/** What happened, before it has a place in a watch. */
export type Happening = WithoutBase<DriverEvent>;

/** What is watched of each machine. */
export const WATCHED_PATHS = [
  'config.instanceUuid',
  'config.template',
  'config.changeVersion',
  'runtime.powerState',
  'runtime.connectionState',
  'guest.toolsRunningStatus',
] as const;

/** The values of these, as far as they are known. */
export interface WatchedValues {
  readonly 'config.instanceUuid'?: string | undefined;
  readonly 'config.template'?: boolean | undefined;
  readonly 'config.changeVersion'?: string | undefined;
  readonly 'runtime.powerState'?: VirtualMachinePowerState | undefined;
  readonly 'runtime.connectionState'?: VirtualMachineConnectionState | undefined;
  readonly 'guest.toolsRunningStatus'?: string | undefined;
}

const TOOLS_RUNNING = 'guestToolsRunning';

/** The id of what is watched; undefined while it has none, and for templates. */
export const watchedId = (values: WatchedValues) => {
  const { 'config.instanceUuid': uuid, 'config.template': template } = values;
  return uuid === undefined || uuid === '' || template ? undefined : machineId(uuid);
};

const stateIn = (values: WatchedValues) =>
  toState({
    powerState: values['runtime.powerState'] ?? 'poweredOff',
    connectionState: values['runtime.connectionState'] ?? 'connected',
  });

/** What happened to a machine between two looks at it; `before` is undefined for one that was not there, `after` for one that is gone. */
export function changesBetween(before: WatchedValues | undefined, after: WatchedValues | undefined): Happening[] {
  const [old, now] = [before && watchedId(before), after && watchedId(after)];
  const happened: Happening[] = [];
  if (old !== undefined && old !== now) happened.push({ kind: 'machine-deleted', machine: old });
  if (now === undefined || !after) return happened;
  if (old !== now) return [...happened, { kind: 'machine-created', machine: now }];
  const was = before ?? {};
  if (was['config.changeVersion'] !== after['config.changeVersion'])
    happened.push({ kind: 'machine-updated', machine: now });
  if (stateIn(was) !== stateIn(after))
    happened.push({ kind: 'machine-state', machine: now, state: stateIn(after), reason: 'unknown' });
  const [had, has] = [was, after].map((values) => values['guest.toolsRunningStatus'] === TOOLS_RUNNING);
  if (had !== has) happened.push({ kind: 'guest-agent', machine: now, connected: has === true });
  return happened;
}
