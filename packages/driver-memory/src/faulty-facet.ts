import { DriverError, type CallOptions, type FacetName, type Listing } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { MemorySession } from './session.js';
import { timeOn } from './world/clock.js';
import type { FaultEffect } from './world/faults.js';

type AnyMember = (...args: unknown[]) => unknown;

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
const isListing = (value: AsyncIterable<unknown>): value is Listing<unknown> => 'all' in value;
const isOptions = (value: unknown): value is CallOptions =>
  typeof value === 'object' && value !== null && ('signal' in value || 'deadline' in value);

async function suffer(
  session: MemorySession,
  name: string,
  effect: FaultEffect,
  after: boolean,
  options: CallOptions,
): Promise<void> {
  const stateAfter = after ? 'unknown' : 'unchanged';
  const connection = session.connection();
  switch (effect.kind) {
    case 'error':
      throw new DriverError(
        effect.code,
        effect.message ?? `${name} met a fault that was asked for.`,
        effect.details ?? {},
      );
    case 'busy': {
      const code = name.startsWith('volumes.') ? 'VOLUME.BUSY' : 'MACHINE.BUSY';
      const heldBy = effect.heldBy ?? 'another task';
      throw new DriverError(code, `${name} met something busy: ${heldBy} holds it; try again.`, { heldBy, stateAfter });
    }
    case 'slow':
      return timeOn(
        session.world.clock,
        effect.milliseconds,
        options.signal ? AbortSignal.any([options.signal, connection]) : connection,
      );
    case 'hang':
      return session.until(() => undefined, options, { what: name, stateAfter });
    case 'drop-connection':
      session.drop();
      throw connection.reason;
  }
}

function faultyStream(
  name: string,
  inner: AsyncIterable<unknown>,
  before: () => Promise<void>,
  after: () => Promise<void>,
): AsyncIterable<unknown> {
  async function* items(skip: () => void = () => undefined): AsyncGenerator<unknown, void, undefined> {
    await before();
    yield* inner;
    for (let missing = isListing(inner) ? inner.unreadable : 0; missing > 0; missing -= 1) skip();
    await after();
  }
  return isListing(inner) ? createListing(items) : items();
}

function faultyMember(session: MemorySession, facet: FacetName, member: string, original: AnyMember): AnyMember {
  const name = `${facet}.${member}`;
  return (...args) => {
    const met = session.world.faults.meet(facet, member);
    if (!met.before && !met.after) return original(...args);
    const last = args.at(-1);
    const options = isOptions(last) ? last : {};
    const before = async (): Promise<void> => met.before && suffer(session, name, met.before, false, options);
    const after = async (): Promise<void> => met.after && suffer(session, name, met.after, true, options);
    const streams =
      ['list', 'pools', 'volumeSnapshots', 'export', 'log', 'readFile', 'crashDump'].includes(member) &&
      facet !== 'shares';
    if (streams) {
      const inner = original(...args);
      if (isStream(inner)) return faultyStream(name, inner, before, after);
    }
    return (async () => {
      await before();
      const result = await original(...args);
      await after();
      return result;
    })();
  };
}

/** The facet, meeting the faults of the session's world. */
export function withFaults<F extends object>(session: MemorySession, facet: FacetName, inner: F): F {
  const members = Object.entries(inner).map(([member, original]) => [
    member,
    faultyMember(session, facet, member, original as AnyMember),
  ]);
  // Member by member the same signatures.
  return Object.fromEntries(members) as F;
}
