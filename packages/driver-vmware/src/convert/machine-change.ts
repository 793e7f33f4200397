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

/** What is known of a machine. */
export interface KnownMachine extends WatchedValues {
  /** Whether VMware Tools were running at some time since it got power. */
  readonly hadTools: boolean;
}

const TOOLS_RUNNING = 'guestToolsRunning';
const hasTools = (values: WatchedValues): boolean => values['guest.toolsRunningStatus'] === TOOLS_RUNNING;
const hasPower = (values: WatchedValues): boolean => values['runtime.powerState'] === 'poweredOn';

/** What is known of a machine after some of its values changed. */
export function learned(before: KnownMachine | undefined, changed: WatchedValues): KnownMachine {
  const values = { ...before, ...changed };
  return { ...values, hadTools: hasPower(values) && (before?.hadTools === true || hasTools(values)) };
}

/** The id of what is watched; undefined while it has none, and for templates. */
const watchedId = (values: WatchedValues) => {
  const { 'config.instanceUuid': uuid, 'config.template': template } = values;
  return uuid === undefined || uuid === '' || template ? undefined : machineId(uuid);
};

const NOTHING: KnownMachine = { hadTools: false };

const stateIn = (values: WatchedValues) =>
  toState({
    powerState: values['runtime.powerState'] ?? 'poweredOff',
    connectionState: values['runtime.connectionState'] ?? 'connected',
  });

/** What happened to a machine between two looks at it; `before` is undefined for one that was not there, `after` for one that is gone. */
export function changesBetween(before: KnownMachine | undefined, after: KnownMachine | undefined): Happening[] {
  const [old, now] = [before && watchedId(before), after && watchedId(after)];
  const happened: Happening[] = [];
  if (old !== undefined && old !== now) happened.push({ kind: 'machine-deleted', machine: old });
  if (now === undefined || !after) return happened;
  if (old !== now) happened.push({ kind: 'machine-created', machine: now });
  // One that is seen for the first time may run already, and whoever hears of it takes it for stopped.
  const was = old === now && before ? before : { ...NOTHING, 'config.changeVersion': after['config.changeVersion'] };
  if (was['config.changeVersion'] !== after['config.changeVersion'])
    happened.push({ kind: 'machine-updated', machine: now });
  if (stateIn(was) !== stateIn(after))
    happened.push({ kind: 'machine-state', machine: now, state: stateIn(after), reason: 'unknown' });
  if (hasTools(was) !== hasTools(after))
    happened.push({ kind: 'guest-agent', machine: now, connected: hasTools(after) });
  if (rebooted(was, after)) happened.push({ kind: 'machine-rebooted', machine: now });
  return happened;
}

/** Nobody tells of a reboot: Tools that came back in a machine that had power meanwhile were started with their system. */
const rebooted = (before: KnownMachine, after: KnownMachine): boolean =>
  before.hadTools && after.hadTools && !hasTools(before) && hasTools(after);
