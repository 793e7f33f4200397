import type { CallOptions, FacetAs, MachineId, Secret } from '@virt-drivers/core';
import {
  DomainGuestInfoTypes,
  DomainInterfaceAddressesSource,
  domainFsfreeze,
  domainFsthaw,
  domainGetGuestInfo,
  domainInterfaceAddresses,
  domainSetUserPassword,
} from '@virt-drivers/libvirt';
import type { capabilities } from '../capabilities.js';
import type { NativeCall } from '../connection.js';
import { toGuestInfo, toGuestInterface } from '../convert/guest-info.js';
import { domainOf } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { aboutGuest, createAgent, requireRunning } from './agent.js';
import { execInGuest } from './exec.js';
import { readGuestFile, writeGuestFile } from './files.js';

const { Os, Hostname, Filesystem } = DomainGuestInfoTypes;

/** The guest, by QEMU's agent in it. */
export function createGuest(session: LibvirtSession): FacetAs<'guest', typeof capabilities.guest> {
  const { daemon, domains } = session;
  const ask = createAgent(session);

  const call = async <T>(
    id: MachineId,
    options: CallOptions,
    run: NativeCall<T>,
    secrets: readonly Secret[] = [],
  ): Promise<T> => {
    await requireRunning(domains, id, options);
    return daemon.call({ ...aboutGuest(id), long: true, secrets }, options, run);
  };

  return {
    async ping(id, options = {}) {
      await ask(id, 'guest-ping', {}, options);
    },
    async info(id, options = {}) {
      const { version } = await ask<{ readonly version?: string }>(id, 'guest-info', {}, options);
      const info = await call(id, options, (connection, bounded) =>
        domainGetGuestInfo(connection, domainOf(id), Os | Hostname | Filesystem, 0, bounded),
      );
      return toGuestInfo(info, version);
    },
    async network(id, options = {}) {
      const found = await call(id, options, (connection, bounded) =>
        domainInterfaceAddresses(connection, domainOf(id), DomainInterfaceAddressesSource.Agent, 0, bounded),
      );
      return found.map(toGuestInterface);
    },
    async setPassword(id, user, password, options = {}) {
      await call(
        id,
        options,
        (connection, bounded) => domainSetUserPassword(connection, domainOf(id), user, password.reveal(), 0, bounded),
        [password],
      );
    },
    async quiesce(id, options = {}) {
      const frozenFileSystems = await call(id, options, (connection, bounded) =>
        domainFsfreeze(connection, domainOf(id), [], 0, bounded),
      );
      return {
        frozenFileSystems,
        thaw: async (own = {}) => {
          await call(id, own, (connection, bounded) => domainFsthaw(connection, domainOf(id), [], 0, bounded));
        },
      };
    },
    exec: (id, command, options = {}) => execInGuest(ask, id, command, options),
    readFile: (id, path, options = {}) => readGuestFile(ask, id, path, options),
    writeFile: (id, path, content, options = {}) => writeGuestFile(ask, id, path, content, options),
  };
}
