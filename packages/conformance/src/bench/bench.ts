import type {
  CallOptions,
  CapabilityName,
  Condition,
  Host,
  NetworkId,
  OpenDriver,
  Pool,
  RemoteConnection,
} from '@virt-drivers/core';
import { createGuests, type GuestShelf, type Guests } from './guests.js';
import { createHearing, type Hearing } from './hearing.js';
import type { Ledger } from './ledger.js';
import type { Names } from './names.js';
import type { Place } from './place.js';
import { createThings, type Things } from './things.js';
import { createWaiting, type Waiting } from './waiting.js';

/** How long a case and each call in it may take: fires when the case's time is over. */
export interface CaseCall extends CallOptions {
  readonly signal: AbortSignal;
  readonly deadline: Date;
}

/** All that a case works with. Whatever it makes through the bench is gone after the case, whatever happened. */
export interface Bench extends Things, Waiting, Hearing, Guests {
  readonly driver: OpenDriver;
  readonly host: Host;
  readonly pool: Pool;
  /** Hand it to every call. */
  readonly call: CaseCall;
  readonly ledger: Ledger;
  /** A name that nobody else has. */
  name(hint?: string): string;
  /** A network to attach to. */
  network(): NetworkId;
  /**
   * The same with an earlier deadline: so many milliseconds from now, or less where the endpoint is simulated and answers
   * at once.
   */
  within(milliseconds: number): CaseCall;
  /** Opens the same endpoint again; closed after the case. */
  openAnother(
    request?: { readonly target?: string; readonly options?: Readonly<Record<string, unknown>> },
    call?: CallOptions,
  ): Promise<OpenDriver>;
  /** Two volumes of other systems, equally large, that no machine has. */
  readonly remotes: readonly [RemoteConnection, RemoteConnection];
  /** The other side of a migration: another endpoint if one was given, else this one. */
  destination(): Promise<OpenDriver>;
  /** The condition of a capability that needs this, if there is one. */
  condition(capability: CapabilityName, needs: Condition['needs']): Condition | undefined;
}

/** What stays the same over all cases of a run. */
export interface RunContext {
  readonly driver: OpenDriver;
  readonly place: Place;
  readonly names: Names;
  readonly shelf: GuestShelf;
  readonly open: Bench['openAnother'];
  readonly destinationTarget: string | undefined;
  readonly remotes: readonly [RemoteConnection, RemoteConnection];
  /** How long to wait, compared with a real hypervisor that a test started. */
  readonly patience: number;
}

function conditionOf(driver: OpenDriver, capability: CapabilityName, needs: Condition['needs']): Condition | undefined {
  const support = driver.supports(capability);
  return support === undefined || support === true
    ? undefined
    : support.conditions.find((condition) => condition.needs === needs);
}

/** The bench of one case. */
export function createBench(run: RunContext, ledger: Ledger, call: CaseCall): Bench {
  const { driver, place, names, shelf } = run;
  const things = createThings({ driver, place, names, ledger, call });
  const hearing = createHearing(driver, ledger, call);
  const openAnother: Bench['openAnother'] = async (request, options = call) => {
    const other = await run.open(request, options);
    ledger.action('second session', () => other.close());
    return other;
  };
  return {
    ...things,
    ...hearing,
    ...createWaiting(driver, ledger, call),
    ...createGuests({ driver, place, names, ledger, call, things, hearing, shelf }),
    driver,
    host: place.host,
    pool: place.pool,
    call,
    ledger,
    remotes: run.remotes,
    name: (hint) => names.next(hint),
    network() {
      const first = place.networks[0];
      if (first === undefined)
        throw new Error(`Host ${place.host.name} has no network to attach to; make one or name it with --network.`);
      return first;
    },
    within: (milliseconds) => ({
      signal: call.signal,
      deadline: new Date(Math.min(Date.now() + milliseconds * run.patience, call.deadline.getTime())),
    }),
    openAnother,
    destination: async () =>
      run.destinationTarget === undefined ? driver : openAnother({ target: run.destinationTarget }),
    condition: (capability, needs) => conditionOf(driver, capability, needs),
  };
}
