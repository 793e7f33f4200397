import { DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { Listing } from '../values/listing.js';
import { checkArguments } from '../validation/check-arguments.js';
import { isDate } from '../validation/primitives.js';
import { MEMBERS, type MemberSchema } from '../validation/member-schemas.js';
import type { FacetName } from './capabilities.js';
import { guardCall } from './guard-call.js';
import { guardIteration, guardListing } from './guard-iteration.js';

/** Says whether the session was closed. */
export interface SessionState {
  closed: boolean;
}

type AnyMember = (...args: readonly unknown[]) => unknown;

const isOptions = (value: unknown): value is CallOptions => typeof value === 'object' && value !== null;

function checkedOptions(member: string, value: unknown): CallOptions {
  if (value === undefined) return {};
  if (!isOptions(value))
    throw new DriverError('REQUEST.INVALID', `${member}: call options must be an object with signal or deadline.`);
  const { signal, deadline } = value;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new DriverError('REQUEST.INVALID', `${member}: signal must be an AbortSignal.`);
  }
  if (deadline !== undefined && !isDate(deadline)) {
    throw new DriverError('REQUEST.INVALID', `${member}: deadline must be a valid Date; make it with deadlineIn().`);
  }
  return value;
}

function guardMember(name: string, schema: MemberSchema, member: AnyMember, session: SessionState): AnyMember {
  return (...args) => {
    const options = (): CallOptions => checkedOptions(name, args[schema.parameters.length]);
    const invoke = (): unknown => {
      if (session.closed)
        throw new DriverError('DRIVER.CLOSED', `${name} was called after close(); open the driver again.`);
      checkArguments(name, schema, args);
      const given = schema.parameters.map((_, index) => args[index]);
      return member(...given, options());
    };
    // The casts state what MEMBERS says of each member; the facet types are what callers see.
    if (schema.kind === 'listing') return guardListing(name, options(), () => invoke() as Listing<unknown>);
    if (schema.kind === 'stream') return guardIteration(name, options(), () => invoke() as AsyncIterable<unknown>);
    return (async () => guardCall(name, options(), async () => invoke()))();
  };
}

/**
 * The facet as programs get it: arguments checked, errors of the contract only, every call settles, nothing works after
 * close. Members named in `absent` are left out.
 */
export function guardFacet(
  facet: FacetName,
  implementation: object,
  absent: ReadonlySet<string>,
  session: SessionState,
): object {
  const schemas: Readonly<Record<string, MemberSchema>> = MEMBERS[facet];
  const guarded: Record<string, AnyMember> = {};
  for (const [member, schema] of Object.entries(schemas)) {
    const original: unknown = Reflect.get(implementation, member);
    if (typeof original !== 'function' || absent.has(member)) continue;
    guarded[member] = guardMember(
      `${facet}.${member}`,
      schema,
      (...args) => Reflect.apply(original, implementation, args) as unknown,
      session,
    );
  }
  return Object.freeze(guarded);
}
