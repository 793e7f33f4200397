import { DriverError, FACETS, type FacetName, type OpenDriver, type Task } from '@virt-drivers/core';
import { SimulatedCrash } from '@virt-drivers/core/kit';

/** What goes wrong, at which call of a driver, counted from 1. `after`: the call is done and its answer lost. */
export interface Accident {
  readonly call: number;
  readonly when: 'before' | 'after';
  readonly kind: 'error' | 'crash';
}

/** A driver that counts its calls and has accidents. After a crash it makes no call any more, as a dead process would. */
export interface UnreliableDriver {
  readonly driver: OpenDriver;
  /** Names of the calls so far, for example `volumes.create`. */
  readonly calls: string[];
}

const isTask = (value: unknown): value is Task<unknown> =>
  typeof value === 'object' && value !== null && 'result' in value && 'cancel' in value;

type Member = (...args: unknown[]) => unknown;

/** Wraps every member of every facet that answers with a promise. Listings and streams pass through. */
export function unreliable(inner: OpenDriver, ...accidents: readonly Accident[]): UnreliableDriver {
  const calls: string[] = [];
  let dead = false;
  const meet =
    (name: string, member: Member): Member =>
    async (...args) => {
      if (dead) throw new SimulatedCrash('dead already');
      const number = calls.push(name);
      const accident = accidents.find(({ call }) => call === number);
      if (accident?.kind === 'crash') dead = true;
      if (accident?.when === 'before') throw failure(accident, name);
      const result = await member(...args);
      if (isTask(result)) {
        // What a task goes on with after its caller died is the hypervisor's; here the work is done and its answer lost.
        if (accident) await result.result();
        else return { ...result, result: meet(`${name}.result`, () => result.result()), cancel: () => result.cancel() };
      }
      if (accident) throw failure(accident, name);
      return result;
    };
  const wrapped = (facet: FacetName, object: object): object =>
    Object.fromEntries(
      Object.entries(object).map(([member, original]) => {
        const isStream = ['list', 'pools', 'volumeSnapshots', 'log', 'export'].includes(member);
        return [member, isStream ? original : meet(`${facet}.${member}`, (original as Member).bind(object))];
      }),
    );
  const facets = FACETS.flatMap((facet) => {
    const object = inner[facet];
    return object ? [[facet, wrapped(facet, object)]] : [];
  });
  // Member by member the same signatures as the driver's own.
  return { driver: { ...inner, ...Object.fromEntries(facets) } as OpenDriver, calls };
}

function failure({ kind, when }: Accident, name: string): Error {
  if (kind === 'crash') return new SimulatedCrash(`died at ${name}`);
  const stateAfter = when === 'before' ? 'unchanged' : 'unknown';
  return new DriverError('HOST.CONNECTION_LOST', `Connection was lost at ${name}; look at the state and call again.`, {
    stateAfter,
  });
}
