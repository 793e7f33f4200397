import { bytes, DriverError, hertz, type CallOptions, type FacetAs, type Host, type HostId } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import type { Endpoint } from './endpoint.js';
import { namedNetworks } from './networks.js';
import { readPlaces, type Place } from './places.js';
import type { VmwareSession } from './session.js';

/** ESXi hosts, and clusters as hosts whose scheduler places machines: their figures are the sums of their members. */
export function createHosts(session: VmwareSession): FacetAs<'hosts', typeof capabilities.hosts> {
  const place = async (id: HostId, options: CallOptions): Promise<Place> => {
    const found = (await readPlaces(session, options)).find((candidate) => candidate.id === id);
    if (found) return found;
    throw new DriverError('HOST.NOT_FOUND', `Host ${id} is not there.`, { subject: id });
  };
  return {
    list: (options = {}) =>
      createListing(async function* () {
        for (const one of await readPlaces(session, options)) yield toHost(one, session.endpoint);
      }),
    get: async (id, options = {}) => toHost(await place(id, options), session.endpoint),
    async inventory(id, options = {}) {
      const { cpuCount, cpuModel, cpuMegahertz, memoryBytes, networks } = await place(id, options);
      return {
        cpuCount,
        ...(cpuModel !== undefined && { cpuModel }),
        ...(cpuMegahertz !== undefined && { cpuRate: hertz(cpuMegahertz * 1_000_000) }),
        memoryBytes: bytes(memoryBytes),
        networks: await namedNetworks(session.center, networks, options),
      };
    },
    async usage(id, options = {}) {
      const { memoryBytes, memoryUsedBytes, cpuUsedMegahertz, cpuTotalMegahertz, machines } = await place(id, options);
      let machinesRunning = 0;
      const reading = session.center.stream(
        { what: `Host ${id}`, subject: id, reads: true },
        options,
        (vsphere, call) =>
          vsphere.properties.retrieve({ from: machines, type: 'VirtualMachine', paths: ['runtime.powerState'] }, call),
      );
      for await (const { properties } of reading)
        if (properties['runtime.powerState'] === 'poweredOn') machinesRunning += 1;
      return {
        at: new Date(),
        memoryUsedBytes: bytes(memoryUsedBytes < memoryBytes ? memoryUsedBytes : memoryBytes),
        ...(cpuTotalMegahertz > 0 && { cpuFraction: Math.min(1, cpuUsedMegahertz / cpuTotalMegahertz) }),
        machinesRunning,
      };
    },
  };
}

const toHost = (place: Place, { version, isCenter }: Endpoint): Host => ({
  id: place.id,
  name: place.name,
  hypervisor: place.product,
  ...(isCenter && { managementVersion: version }),
  state: place.state,
  architectures: [place.architecture],
  hardwareAcceleration: true,
  groups: [place.datacenter.name, ...(place.clusterName === undefined ? [] : [place.clusterName])],
});
