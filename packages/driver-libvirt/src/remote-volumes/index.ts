import type { FacetAs } from '@virt-drivers/core';
import type { capabilities } from '../capabilities.js';
import { detachDisk } from '../disk-detaching.js';
import type { LibvirtSession } from '../session.js';
import { attachRemote } from './attachment.js';
import { extendRemote } from './extension.js';
import { readInitiator } from './initiator.js';
import { swapRemote } from './swap.js';

/** Volumes of other systems, which QEMU reaches itself. */
export function createRemoteVolumes(
  session: LibvirtSession,
): FacetAs<'remoteVolumes', typeof capabilities.remoteVolumes> {
  const { locks } = session;
  return {
    initiator: (host, options = {}) => readInitiator(session, host, options),
    attach: (machine, connection, disk, options = {}) =>
      locks.run(machine, options, () => attachRemote(session, machine, connection, disk, options)),
    detach: (machine, disk, options = {}) =>
      locks.run(machine, options, () => detachDisk(session, machine, disk, options)),
    extend: (machine, disk, sizeBytes, options = {}) =>
      locks.run(machine, options, () => extendRemote(session, machine, disk, sizeBytes, options)),
    swap: (machine, disk, to, options = {}) => swapRemote(session, machine, disk, to, options),
  };
}
