import {
  DomainCrashedReason,
  DomainPausedReason,
  DomainRunningReason,
  DomainShutoffReason,
  DomainState,
} from '@virt-drivers/libvirt';
import type { MachineState, NativeDetail } from '@virt-drivers/core';

/** libvirt's word for what a domain does. */
export interface NativeState {
  readonly state: number;
  readonly reason: number;
}

const REASONS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [DomainState.Running]: DomainRunningReason,
  [DomainState.Paused]: DomainPausedReason,
  [DomainState.Shutoff]: DomainShutoffReason,
  [DomainState.Crashed]: DomainCrashedReason,
};

/** The contract's state. Only the daemon's list tells which machines are saved: the reason is lost when it restarts. */
export function toState({ state, reason }: NativeState, saved: boolean): MachineState {
  switch (state) {
    case DomainState.Paused:
    case DomainState.Pmsuspended:
      return 'paused';
    case DomainState.Crashed:
      return 'failed';
    case DomainState.Shutoff:
      if (saved) return 'saved';
      return reason === DomainShutoffReason.Crashed ? 'failed' : 'stopped';
    default:
      return 'running';
  }
}

const KNOWN = new Map<number, NativeDetail>();
/** More than libvirt has of states and reasons together. */
const MOST_KNOWN = 100;

/** The words for people: one object for all machines that are alike, of which a listing has thousands. */
export function nativeState({ state, reason }: NativeState): NativeDetail {
  const key = state * 1000 + reason;
  const known = KNOWN.get(key);
  if (known) return known;
  const detail = Object.freeze(describe(state, reason));
  if (KNOWN.size < MOST_KNOWN) KNOWN.set(key, detail);
  return detail;
}

function describe(state: number, reason: number): NativeDetail {
  const word = nameOf(DomainState, state);
  const why = nameOf(REASONS[state] ?? {}, reason);
  return { code: String(state), message: why === undefined ? (word ?? 'unknown') : `${word ?? 'unknown'} (${why})` };
}

const nameOf = (names: Readonly<Record<string, number>>, number: number): string | undefined =>
  Object.keys(names)
    .find((name) => names[name] === number)
    ?.toLowerCase();
