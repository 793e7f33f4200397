import { isDriverError, type MachineFilter, type Machine, type Machines } from '@virt-drivers/core';
import { createListing } from '@virt-drivers/core/kit';
import type { VmwareSession } from '../session.js';
import { changeMachine } from './change.js';
import { createMachine } from './creation.js';
import { deleteMachine } from './deletion.js';
import { findByOwner, readMachineRecord, writeMachineRecord } from './record.js';

/** Machines are virtual machines of vSphere, known by their instance uuid; templates are none. */
export function createMachines(session: VmwareSession): Machines {
  return {
    create: (spec, options = {}) => createMachine(session, spec, options),
    get: async (id, options = {}) => (await session.machines.view(id, options)).machine,
    find: ({ recordOwner }, options = {}) => findByOwner(session, recordOwner, options),
    list: (filter = {}, options = {}) =>
      createListing(async function* (skip) {
        for await (const view of session.machines.all(options)) {
          if (isDriverError(view)) skip();
          else if (isWanted(view.machine, filter)) yield view.machine;
        }
      }),
    update: (id, change, options = {}) => changeMachine(session, id, change, options),
    delete: (id, deletion = {}, options = {}) => deleteMachine(session, id, deletion, options),
    record: (id, options = {}) => readMachineRecord(session, id, options),
    writeRecord: (id, record, { ifRevision }, options = {}) =>
      writeMachineRecord(session, id, record, ifRevision, options),
  };
}

const isWanted = (machine: Machine, { host, state, recorded }: MachineFilter): boolean =>
  (host === undefined || machine.host === host) &&
  (state === undefined || machine.state === state) &&
  (recorded === undefined || (machine.recordOwner !== undefined) === recorded);
