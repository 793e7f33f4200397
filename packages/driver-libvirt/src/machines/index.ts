import type { Machines } from '@virt-drivers/core';
import { domainOf } from '../domains.js';
import { listingOf } from '../listing.js';
import type { LibvirtSession } from '../session.js';
import { changeMachine } from './change.js';
import { createMachine } from './creation.js';
import { deleteMachine } from './deletion.js';
import { findByOwner, readMachineRecord, writeMachineRecord } from './record.js';

/** Machines are persistent libvirt domains. */
export function createMachines(session: LibvirtSession): Machines {
  const { domains, daemon } = session;
  return {
    create: (spec, options = {}) => createMachine(session, spec, options),
    get: async (id, options = {}) => (await domains.view(id, options)).machine,
    async find({ recordOwner }, options = {}) {
      const id = await findByOwner(session, recordOwner, options);
      return id === undefined ? undefined : (await domains.view(id, options)).machine;
    },
    list: (filter = {}, options = {}) =>
      listingOf(async function* () {
        if (filter.host !== undefined && filter.host !== session.endpoint.hostId) return;
        for await (const machine of domains.machines(await domains.all(options), options)) {
          const wanted =
            machine === undefined ||
            !('state' in machine) ||
            ((filter.state === undefined || machine.state === filter.state) &&
              (filter.recorded === undefined || (machine.recordOwner !== undefined) === filter.recorded));
          if (wanted) yield machine;
        }
      }),
    update: (id, change, options = {}) => changeMachine(session, id, change, options),
    delete: (id, deletion = {}, options = {}) => deleteMachine(session, id, deletion, options),
    record: async (id, options = {}) => readMachineRecord(daemon, domainOf(id), options),
    writeRecord: (id, record, { ifRevision }, options = {}) =>
      writeMachineRecord(session, id, record, ifRevision, options),
  };
}
