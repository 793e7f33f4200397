import type { FacetAs } from '@virt-drivers/core';
import type { capabilities } from '../capabilities.js';
import { detachDisk } from '../detaching.js';
import type { VmwareSession } from '../session.js';
import { attachRemote } from './attachment.js';
import { extendRemote } from './extension.js';
import { readInitiator } from './initiator.js';

/** Volumes of other systems, connected to all hosts on which their machine may run. */
export const createRemoteVolumes = (
  session: VmwareSession,
): FacetAs<'remoteVolumes', typeof capabilities.remoteVolumes> => ({
  initiator: (host, options = {}) => readInitiator(session, host, options),
  attach: (machine, connection, disk, options = {}) =>
    session.locks.run(machine, options, () => attachRemote(session, machine, connection, disk, options)),
  attachObject: (machine, object, disk, options = {}) =>
    session.locks.run(machine, options, () => attachRemote(session, machine, object, disk, options)),
  detach: (machine, disk, options = {}) =>
    session.locks.run(machine, options, () => detachDisk(session, machine, disk, options)),
  extend: (machine, disk, sizeBytes, options = {}) =>
    session.locks.run(machine, options, () => extendRemote(session, machine, disk, sizeBytes, options)),
});
