import type { CallOptions, FacetAs, GuestCommand, MachineId } from '@virt-drivers/core';
import type { GuestInfo as NativeGuest } from '@virt-drivers/vsphere';
import type { capabilities } from '../capabilities.js';
import { toGuestInfo, toInterfaces } from '../convert/guest-info.js';
import type { VmwareSession } from '../session.js';
import { requireTools } from '../tools-status.js';
import { accountFor, type KnownPasswords } from './account.js';
import { runInGuest } from './exec.js';
import { openGuestFile, writeGuestFile } from './files.js';
import { setGuestPassword } from './password.js';

/** Before Tools have told anything. */
const NOTHING_KNOWN: NativeGuest = { guestState: 'unknown' };

/** What VMware Tools do in a guest. */
export function createGuest(session: VmwareSession): FacetAs<'guest', typeof capabilities.guest> {
  const known: KnownPasswords = new Map();
  const account = (id: MachineId, credentials?: GuestCommand['credentials']) =>
    accountFor(session, known, id, credentials);
  const read = async (id: MachineId, options: CallOptions): Promise<NativeGuest> => {
    await requireTools(session, id, options);
    const { guest = NOTHING_KNOWN } = await session.machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
      vsphere.properties.get(ref, ['guest'], call),
    );
    return guest;
  };
  return {
    ping: (id, options = {}) => requireTools(session, id, options),
    info: async (id, options = {}) => toGuestInfo(await read(id, options)),
    network: async (id, options = {}) => toInterfaces((await read(id, options)).net),
    setPassword: (id, user, password, options = {}) => setGuestPassword(session, known, id, user, password, options),
    exec: (id, command, options = {}) => runInGuest(session, id, account(id, command.credentials), command, options),
    async *readFile(id, path, options = {}) {
      const inside = account(id);
      await requireTools(session, id, options);
      yield* (await openGuestFile(session, id, inside, path, options)).chunks;
    },
    async writeFile(id, path, content, options = {}) {
      const inside = account(id);
      await requireTools(session, id, options);
      await writeGuestFile(session, id, inside, path, content, options);
    },
  };
}
