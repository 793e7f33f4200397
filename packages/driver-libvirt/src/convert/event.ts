import { diskId, machineId, poolId, type DriverEvent, type MachineState } from '@virt-drivers/core';
import {
  ConnectDomainEventAgentLifecycleState,
  DomainEventDefinedDetailType as Defined,
  DomainEventStartedDetailType as Started,
  DomainEventStoppedDetailType as Stopped,
  DomainEventSuspendedDetailType as Suspended,
  DomainEventType,
  DomainEventUndefinedDetailType as Undefined,
  type DomainEventOf,
  type StoragePoolEvent,
} from '@virt-drivers/libvirt';

/** Kinds of libvirt's domain events that mean something in the contract. */
export const EVENT_KINDS = [
  'lifecycle',
  'reboot',
  'ioErrorReason',
  'deviceRemoved',
  'agentLifecycle',
  'metadataChange',
] as const;

/** A domain event of one of those kinds. */
export type WatchedEvent = DomainEventOf<(typeof EVENT_KINDS)[number]>;

type WithoutBase<Event> = Event extends unknown ? Omit<Event, 'cursor' | 'at' | 'timeSource' | 'native'> : never;

/** What happened, before it has a place in a watch. */
export type Happening = WithoutBase<DriverEvent>;

type Reason = Extract<DriverEvent, { readonly kind: 'machine-state' }>['reason'];

const STOPPED_REASONS: Readonly<Record<number, Reason>> = {
  [Stopped.Shutdown]: 'guest',
  [Stopped.Destroyed]: 'requested',
  [Stopped.Crashed]: 'crashed',
  [Stopped.Migrated]: 'migrated',
  [Stopped.Saved]: 'requested',
  [Stopped.Failed]: 'crashed',
  [Stopped.FromSnapshot]: 'requested',
};
const STOPPED_STATES: Readonly<Record<number, MachineState>> = {
  [Stopped.Saved]: 'saved',
  [Stopped.Crashed]: 'failed',
  [Stopped.Failed]: 'failed',
};
const STARTED_REASONS: Readonly<Record<number, Reason>> = {
  [Started.Migrated]: 'migrated',
  [Started.Wakeup]: 'guest',
};
const SUSPENDED_REASONS: Readonly<Record<number, Reason>> = {
  [Suspended.Paused]: 'requested',
  [Suspended.Migrated]: 'migrated',
  [Suspended.Ioerror]: 'io-error',
  [Suspended.Watchdog]: 'guest',
  [Suspended.Restored]: 'requested',
  [Suspended.FromSnapshot]: 'requested',
};

/** The contract's event for a domain event; undefined for one that means nothing there. */
export function fromDomainEvent(event: WatchedEvent): Happening | undefined {
  const machine = machineId(event.domain.uuid);
  switch (event.kind) {
    case 'lifecycle':
      return fromLifecycle(machine, event.event, event.detail);
    case 'reboot':
      return { kind: 'machine-rebooted', machine };
    case 'metadataChange':
      return { kind: 'machine-updated', machine };
    case 'agentLifecycle':
      return {
        kind: 'guest-agent',
        machine,
        connected: event.state === ConnectDomainEventAgentLifecycleState.Connected,
      };
    case 'ioErrorReason':
      return { kind: 'disk-error', machine, ...(isDisk(event.devAlias) ? { disk: diskId(event.devAlias) } : {}) };
    case 'deviceRemoved':
      return isDisk(event.devAlias) ? { kind: 'disk-detached', machine, disk: diskId(event.devAlias) } : undefined;
  }
}

const isDisk = (alias: string): boolean => alias.startsWith('ua-disk-');

function fromLifecycle(machine: ReturnType<typeof machineId>, event: number, detail: number): Happening | undefined {
  const state = (now: MachineState, reason: Reason): Happening => ({
    kind: 'machine-state',
    machine,
    state: now,
    reason,
  });
  switch (event) {
    case DomainEventType.Defined:
      return { kind: detail === Defined.Added ? 'machine-created' : 'machine-updated', machine };
    case DomainEventType.Undefined:
      return detail === Undefined.Renamed ? undefined : { kind: 'machine-deleted', machine };
    case DomainEventType.Started:
      return state('running', STARTED_REASONS[detail] ?? 'requested');
    case DomainEventType.Resumed:
      return state('running', 'requested');
    case DomainEventType.Suspended:
      return state('paused', SUSPENDED_REASONS[detail] ?? 'host');
    case DomainEventType.Pmsuspended:
      return state('paused', 'guest');
    case DomainEventType.Stopped:
      return state(STOPPED_STATES[detail] ?? 'stopped', STOPPED_REASONS[detail] ?? 'unknown');
    case DomainEventType.Crashed:
      return state('failed', 'crashed');
    default:
      return undefined;
  }
}

/** The contract's event for a pool event. */
export const fromPoolEvent = ({ pool }: StoragePoolEvent): Happening => ({
  kind: 'pool-changed',
  pool: poolId(pool.name),
});
