import { DriverError, type CallOptions } from '@virt-drivers/core';
import type { PbmServiceInstanceContent, Reference, VirtualMachineDefinedProfileSpec } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';

/** The storage policy that everything new follows, where one was asked for. */
export interface StoragePolicy {
  /** What goes with new machines and disks; empty without a policy. */
  profiles(options: CallOptions): Promise<readonly VirtualMachineDefinedProfileSpec[]>;
  /** Those of these datastores that can keep the policy; all without one. */
  compatible<T extends { readonly ref: Reference<'Datastore'> }>(
    stores: readonly T[],
    options: CallOptions,
  ): Promise<readonly T[]>;
}

const SERVICE = { type: 'PbmServiceInstance', value: 'ServiceInstance' } as const;

/** The policy of this name. Errors of its calls: `REQUEST.INVALID` when the server has none of the name. */
export function createStoragePolicy(center: Center, name: string | undefined): StoragePolicy {
  if (name === undefined) return { profiles: async () => [], compatible: async (stores) => stores };
  const about = { what: `Storage policy ${name}`, reads: true } as const;
  let known: Promise<{ readonly content: PbmServiceInstanceContent; readonly id: string }> | undefined;

  const find = async (options: CallOptions) =>
    center.call(about, options, async (vsphere, call) => {
      const content = await vsphere.invoke(SERVICE, 'PbmRetrieveServiceContent', {}, call);
      const resourceType = { resourceType: 'STORAGE' };
      const request = { resourceType, profileCategory: 'REQUIREMENT' };
      const ids = await vsphere.invoke(content.profileManager, 'PbmQueryProfile', request, call);
      const profileIds = [...ids];
      const profiles = await vsphere.invoke(content.profileManager, 'PbmRetrieveContent', { profileIds }, call);
      const found = profiles.find((profile) => profile.name === name);
      if (found) return { content, id: found.profileId.uniqueId };
      throw new DriverError('REQUEST.INVALID', `Option storagePolicy names ${name}, which the server does not have.`);
    });
  // Shared by all who come meanwhile: not under the signal of the one who came first.
  const policy = ({ deadline }: CallOptions) => {
    const reading = (known ??= find({ ...(deadline && { deadline }) }));
    reading.catch(() => (known = undefined));
    return reading;
  };

  return {
    profiles: async (options) => [{ $type: 'VirtualMachineDefinedProfileSpec', profileId: (await policy(options)).id }],
    async compatible(stores, options) {
      if (stores.length === 0) return [];
      const { content, id } = await policy(options);
      const hubsToSearch = stores.map(({ ref }) => ({ hubType: ref.type, hubId: ref.value }));
      const profileId = { uniqueId: id };
      const answers = await center.call(about, options, (vsphere, call) =>
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
    },
  };
}
