import { DriverError, type CallOptions, type MachineId } from '@virt-drivers/core';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { VmwareSession } from '../session.js';
import type { GuestAccount } from './account.js';
import { guestManager } from './managers.js';

/** A file of a guest as it is found. */
export interface FoundFile {
  readonly sizeBytes: bigint;
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** Opens a file of the guest; its address is good for one reading. Errors: `GUEST.REFUSED`, `GUEST.UNAVAILABLE`. */
export async function openGuestFile(
  session: VmwareSession,
  id: MachineId,
  account: GuestAccount,
  path: string,
  options: CallOptions,
): Promise<FoundFile> {
  const { center, machines } = session;
  const manager = await guestManager(session, 'fileManager', options);
  const { about, auth } = account;
  const found = await machines.call(id, { ...about, reads: true }, options, (vm, vsphere, call) =>
    vsphere.invoke(manager, 'InitiateFileTransferFromGuest', { vm, auth, guestFilePath: path }, call),
  );
  const kind = { ...about, within: { minutes: 60 } };
  return {
    sizeBytes: found.size,
    chunks: center.stream(kind, options, (vsphere, call) => vsphere.files.fetch(found.url, call)),
  };
}

/** Writes a file of known size into the guest, replacing what is there. */
export async function sendGuestFile(
  session: VmwareSession,
  id: MachineId,
  { about, auth }: GuestAccount,
  { path, sizeBytes, isPrivate }: { readonly path: string; readonly sizeBytes: number; readonly isPrivate?: boolean },
  source: AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<void> {
  const manager = await guestManager(session, 'fileManager', options);
  const request = {
    auth,
    guestFilePath: path,
    fileAttributes: isPrivate ? OWNER_ONLY : {},
    fileSize: BigInt(sizeBytes),
    overwrite: true,
  };
  const address = await session.machines.call(id, about, options, (vm, vsphere, call) =>
    vsphere.invoke(manager, 'InitiateFileTransferToGuest', { vm, ...request }, call),
  );
  const { signal } = options;
  await session.center.call({ ...about, within: { minutes: 60 } }, options, (vsphere, call) =>
    vsphere.files.send(address, source, { size: sizeBytes, ...call, ...(signal && { signal }) }),
  );
}

const OWNER_ONLY = { $type: 'GuestPosixFileAttributes', permissions: 0o600n } as const;

/** Writes content of unknown length: vSphere wants its size first, so it waits in a file of this computer. */
export async function writeGuestFile(
  session: VmwareSession,
  id: MachineId,
  account: GuestAccount,
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'virt-guest-file-'));
  try {
    const spool = join(folder, 'content');
    await pipeline(content, createWriteStream(spool, { mode: 0o600 }), {
      ...(options.signal && { signal: options.signal }),
    }).catch((error: unknown) => {
      if (options.signal?.aborted)
        throw new DriverError('CALL.CANCELLED', `Machine ${id}: the call was cancelled. Nothing was changed.`, {
          subject: id,
          stateAfter: 'unchanged',
          cause: error,
        });
      throw error;
    });
    const { size } = await stat(spool);
    await sendGuestFile(session, id, account, { path, sizeBytes: size }, createReadStream(spool), options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
