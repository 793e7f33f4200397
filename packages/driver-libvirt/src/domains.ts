import {
  DriverError,
  isDriverError,
  type CallOptions,
  machineId,
  type Disk,
  type Machine,
  type MachineBusy,
  type MachineId,
  type MachineState,
} from '@virt-drivers/core';
import {
  ConnectGetAllDomainStatsFlags,
  ConnectListAllDomainsFlags,
  DomainJobType,
  DomainState,
  DomainStatsTypes,
  connectGetAllDomainStats,
  connectListAllDomains,
  domainGetJobInfo,
  domainGetState,
  domainGetXmlDesc,
  domainHasManagedSaveImage,
  type Domain,
} from '@virt-drivers/libvirt';
import type { Daemon, NativeCall } from './connection.js';
import { diskElementsIn } from './convert/disk-elements.js';
import { readDisk, toDisk } from './convert/disk-xml.js';
import { toMachine } from './convert/machine-xml.js';
import { toState, type NativeState } from './convert/state.js';
import { parseXml, type Element } from './convert/xml.js';
import type { Endpoint } from './endpoint.js';
import type { Pools } from './pools.js';
import { TRIAL_PREFIX } from './virt-type.js';

/** A machine as libvirt has it, read in one go. */
export interface DomainView {
  readonly domain: Domain;
  readonly document: Element;
  readonly native: NativeState;
  readonly saved: boolean;
  readonly machine: Machine;
}

/** What a machine uses. */
export interface MachineDisks {
  readonly id: MachineId;
  readonly state: MachineState;
  readonly disks: readonly Disk[];
}

/** Reading domains. */
export interface Domains {
  view(id: MachineId, options: CallOptions): Promise<DomainView>;
  state(id: MachineId, options: CallOptions): Promise<NativeState>;
  /** Whether memory of it was saved, with which it goes on. */
  isSaved(domain: Domain, options: CallOptions): Promise<boolean>;
  all(options: CallOptions): Promise<readonly Domain[]>;
  /** The machines of this list, in its order; undefined for one that is gone, the error for one that cannot be read. */
  machines(domains: readonly Domain[], options: CallOptions): AsyncIterable<Machine | DriverError | undefined>;
  /** The same, disks only. A machine that is gone or cannot be read is left out. */
  disks(domains: readonly Domain[], options: CallOptions): AsyncIterable<MachineDisks>;
  /** The document; the stored one where `inactive`, else of what runs. */
  document(domain: Domain, options: CallOptions, flags?: number): Promise<Element>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What errors about a machine say. */
export const aboutMachine = (id: string): { readonly what: string; readonly subject: string } => ({
  what: `Machine ${id}`,
  subject: id,
});

/**
 * Names a domain to the daemon, which finds it by uuid alone, without asking for it first.
 * Errors: `MACHINE.NOT_FOUND` for an id that cannot be one of libvirt's.
 */
export function domainOf(id: MachineId): Domain {
  if (UUID.test(id)) return { uuid: id, name: id, id: -1 };
  throw new DriverError('MACHINE.NOT_FOUND', `Machine ${id} is not there; ids of this driver are libvirt's UUIDs.`, {
    subject: id,
  });
}

/** True for a machine that has a QEMU process. */
export const isActive = ({ machine: { state } }: DomainView): boolean => state === 'running' || state === 'paused';

export function createDomains(daemon: Daemon, endpoint: Endpoint, pools: Pools): Domains {
  const read = <T>(domain: Domain, options: CallOptions, run: NativeCall<T>): Promise<T> =>
    daemon.call({ ...aboutMachine(domain.uuid), reads: true }, options, run);

  const text = (domain: Domain, options: CallOptions, flags = 0): Promise<string> =>
    read(domain, options, (connection, call) => domainGetXmlDesc(connection, domain, flags, call));

  const document: Domains['document'] = async (...asked) => parseXml(await text(...asked));

  /** The states of all machines that run or did, with which of them are saved. */
  const allStates = async (options: CallOptions): Promise<(domain: Domain) => [NativeState, boolean]> => {
    const [states, savedOnes] = await Promise.all([readStates(daemon, options), readSaved(daemon, options)]);
    const off = { state: DomainState.Shutoff, reason: 0 };
    return ({ uuid }) => [states.get(uuid) ?? off, savedOnes.has(uuid)];
  };

  const state = (domain: Domain, options: CallOptions): Promise<NativeState> =>
    read(domain, options, (connection, call) => domainGetState(connection, domain, 0, call));

  const isSaved: Domains['isSaved'] = async (domain, options) =>
    (await read(domain, options, (connection, call) => domainHasManagedSaveImage(connection, domain, 0, call))) === 1;

  const busy = async (domain: Domain, options: CallOptions): Promise<MachineBusy | undefined> => {
    try {
      const { type } = await read(domain, options, (connection, call) => domainGetJobInfo(connection, domain, call));
      return type === DomainJobType.Bounded || type === DomainJobType.Unbounded ? { operation: 'working' } : undefined;
    } catch (error) {
      // A machine that does not run has no jobs, and some of libvirt's drivers have none at all.
      if (isDriverError(error, 'MACHINE.WRONG_STATE', 'CAPABILITY.ABSENT')) return undefined;
      throw error;
    }
  };

  return {
    document,
    isSaved,
    state: (id, options) => state(domainOf(id), options),
    async view(id, options) {
      const domain = domainOf(id);
      const [element, native, saved, job, locate] = await Promise.all([
        document(domain, options),
        state(domain, options),
        isSaved(domain, options),
        busy(domain, options),
        pools.locator(options),
      ]);
      const about = { native, saved, host: endpoint.hostId, locate, ...(job && { busy: job }) };
      return { domain, document: element, native, saved, machine: toMachine(element, about) };
    },
    async all(options) {
      const domains = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
        connectListAllDomains(connection, 0, call),
      );
      return domains.filter(({ name }) => !name.startsWith(TRIAL_PREFIX));
    },
    async *machines(domains, options) {
      const [stateOf, locate] = await Promise.all([allStates(options), pools.locator(options)]);
      const readOne = async (domain: Domain): Promise<Machine | DriverError | undefined> => {
        try {
          const [native, isSaved] = stateOf(domain);
          return toMachine(await document(domain, options), { native, saved: isSaved, host: endpoint.hostId, locate });
        } catch (error) {
          return isDriverError(error, 'MACHINE.NOT_FOUND') ? undefined : asUnreadable(error);
        }
      };
      yield* readAhead(domains, readOne);
    },
    async *disks(domains, options) {
      const [stateOf, locate] = await Promise.all([allStates(options), pools.locator(options)]);
      const readOne = async (domain: Domain): Promise<MachineDisks | undefined> => {
        try {
          const elements = diskElementsIn(await text(domain, options));
          const disks = elements.map((element) => toDisk(readDisk(element), locate));
          return { id: machineId(domain.uuid), state: toState(...stateOf(domain)), disks };
        } catch (error) {
          if (!isDriverError(error, 'MACHINE.NOT_FOUND')) asUnreadable(error);
          return undefined;
        }
      };
      for await (const one of readAhead(domains, readOne)) if (one) yield one;
    },
  };
}

/** Documents that are asked for before the consumer comes for them: enough to keep the daemon busy. */
const READ_AHEAD = 32;

async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const reading: Promise<Result>[] = [];
  for (let next = 0; next < items.length || reading.length > 0; ) {
    // Many at once, which leave in one write: a write for each would be a good part of the time.
    if (reading.length <= READ_AHEAD / 2) {
      for (const item of items.slice(next, next + READ_AHEAD - reading.length)) {
        const one = read(item);
        // Who leaves the loop early does not get the failures of the rest.
        one.catch(() => undefined);
        reading.push(one);
        next += 1;
      }
    }
    const first = reading.shift();
    if (first) yield await first;
  }
}

/** Errors about one object only; everything else ends the listing. */
function asUnreadable(error: unknown): DriverError {
  if (isDriverError(error, 'ACCESS.DENIED', 'HOST.FAILED', 'MACHINE.BUSY')) return error;
  throw error;
}

async function readStates(daemon: Daemon, options: CallOptions): Promise<ReadonlyMap<string, NativeState>> {
  const flags = ConnectGetAllDomainStatsFlags.Nowait;
  const stats = await daemon.call({ what: 'Host', reads: true }, options, async (connection, call) => {
    const ask = (how: number) => connectGetAllDomainStats(connection, [], DomainStatsTypes.State, how, call);
    // Some of libvirt's drivers do not know the flag, and never wait anyway.
    return ask(flags).catch(() => ask(0));
  });
  return new Map(
    stats.map(({ domain, params }) => [
      domain.uuid,
      { state: Number(params['state.state']), reason: Number(params['state.reason']) },
    ]),
  );
}

async function readSaved(daemon: Daemon, options: CallOptions): Promise<ReadonlySet<string>> {
  const saved = await daemon.call({ what: 'Host', reads: true }, options, (connection, call) =>
    connectListAllDomains(connection, ConnectListAllDomainsFlags.Managedsave, call),
  );
  return new Set(saved.map(({ uuid }) => uuid));
}
