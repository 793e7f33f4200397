import { DriverError, type CallOptions } from '@virt-drivers/core';
import type { PbmServiceInstanceContent, Reference, VirtualMachineDefinedProfileSpec } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';

/** The storage policy that everything new follows, where one was asked for. */
export interface StoragePolicy {
  /** What goes with new machines and disks; empty without a policy. */
  profiles(options: CallOptions): Promise<readonly VirtualMachineDefinedProfileSpec[]>;
  /**
   * The id of another policy, by its name. Errors: `REQUEST.INVALID` when the server has none of the name,
   * `CAPABILITY.CONDITION_UNMET` when the datastore cannot keep it.
   */
  named(name: string, store: Store, options: CallOptions): Promise<string>;
  /** Those of these datastores that can keep the policy; all without one. */
  compatible<T extends Store>(stores: readonly T[], options: CallOptions): Promise<readonly T[]>;
}

type Store = { readonly ref: Reference<'Datastore'> };

/** A policy that was found. */
interface Found {
  readonly content: PbmServiceInstanceContent;
  readonly id: string;
}

const SERVICE = { type: 'PbmServiceInstance', value: 'ServiceInstance' } as const;

/** Policies of the server; `name` is that of the options. Errors of its calls: `REQUEST.INVALID` when there is none of the name. */
export function createStoragePolicy(center: Center, name: string | undefined): StoragePolicy {
  let known: Promise<Found> | undefined;
  // Shared by all who come meanwhile: not under the signal of the one who came first.
  const ofOptions = (wanted: string, { deadline }: CallOptions): Promise<Found> => {
    const reading = (known ??= find(center, wanted, 'Option storagePolicy', { ...(deadline && { deadline }) }));
    reading.catch(() => (known = undefined));
    return reading;
  };

  return {
    async profiles(options) {
      if (name === undefined) return [];
      return [{ $type: 'VirtualMachineDefinedProfileSpec', profileId: (await ofOptions(name, options)).id }];
    },
    async named(wanted, store, options) {
      const found = await find(center, wanted, 'Extension vmware.storagePolicy', options);
      const [fits] = await compatibleWith(center, wanted, found, [store], options);
      if (fits) return found.id;
      const reason = 'The datastore cannot do what the policy asks for; choose another pool.';
      throw new DriverError(
        'CAPABILITY.CONDITION_UNMET',
        `Pool ${store.ref.value} cannot keep storage policy ${wanted}. ${reason}`,
        { subject: store.ref.value, condition: { needs: 'pool-kind', value: wanted, reason } },
      );
    },
    async compatible(stores, options) {
      if (name === undefined || stores.length === 0) return stores;
      return compatibleWith(center, name, await ofOptions(name, options), stores, options);
    },
  };
}

const about = (name: string) => ({ what: `Storage policy ${name}`, reads: true }) as const;

const find = (center: Center, name: string, asks: string, options: CallOptions): Promise<Found> =>
  center.call(about(name), options, async (vsphere, call) => {
    const content = await vsphere.invoke(SERVICE, 'PbmRetrieveServiceContent', {}, call);
    const resourceType = { resourceType: 'STORAGE' };
    const request = { resourceType, profileCategory: 'REQUIREMENT' };
    const profileIds = [...(await vsphere.invoke(content.profileManager, 'PbmQueryProfile', request, call))];
    const profiles = await vsphere.invoke(content.profileManager, 'PbmRetrieveContent', { profileIds }, call);
    const found = profiles.find((profile) => profile.name === name);
    if (found) return { content, id: found.profileId.uniqueId };
    throw new DriverError('REQUEST.INVALID', `${asks} names ${name}, which the server does not have.`);
  });

async function compatibleWith<T extends Store>(
  center: Center,
  name: string,
  { content, id }: Found,
  stores: readonly T[],
  options: CallOptions,
): Promise<readonly T[]> {
  const hubsToSearch = stores.map(({ ref }) => ({ hubType: ref.type, hubId: ref.value }));
  const profileId = { uniqueId: id };
  const answers = await center.call(about(name), options, (vsphere, call) =>
    vsphere.invoke(
      content.placementSolver,
      'PbmCheckRequirements',
      {
        hubsToSearch,
        placementSubjectRequirement: [{ $type: 'PbmPlacementCapabilityProfileRequirement', profileId }],
      },
      call,
    ),
  );
  const fits = new Set(answers.flatMap(({ hub, error = [] }) => (error.length === 0 ? [hub.hubId] : [])));
  return stores.filter(({ ref }) => fits.has(ref.value));
}
