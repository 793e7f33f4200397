import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';

/** Peers live here: below a directory of root's, because names in /tmp could be prepared by others. */
export const peersDirectory = '/var/lib/virt-peers';

/** A numbered directory that one peer owns alone; its number also decides the peer's ports. */
export interface Slot {
  readonly number: number;
  readonly directory: string;
  /** Records the process that ends with the peer, so that a later start can end it if this process cannot. */
  setHost(host: ProcessIdentity): Promise<void>;
  release(): Promise<void>;
}

const slotCount = 50;

/** Claims a free slot, after clearing away those whose owners have died. */
export async function claimSlot(): Promise<Slot> {
  await reapStaleSlots();
  const prepared = await prepareDirectory();
  const self = identityOf(process.pid);
  if (!self) throw new Error(`Process ${process.pid} is not listed in /proc, which the peers need mounted.`);
  await writeFile(join(prepared, 'owner.json'), JSON.stringify(self));
  // The QEMU user of the distribution must be able to reach its images.
  await chmod(prepared, 0o711);
  for (let number = 0; number < slotCount; number += 1) {
    const directory = join(peersDirectory, String(number));
    if (await renameOntoFree(prepared, directory)) return slot(number, directory);
  }
  await rm(prepared, { recursive: true });
  throw new Error(`All ${slotCount} peer slots below ${peersDirectory} are taken; stop some peers first.`);
}

/** The peers' directory goes with its last slot, possibly right after it was made here: then it is made again. */
async function prepareDirectory(attempts = 5): Promise<string> {
  await mkdir(peersDirectory, { recursive: true, mode: 0o755 });
  try {
    return await mkdtemp(join(peersDirectory, 'new-'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempts === 1) throw error;
    return prepareDirectory(attempts - 1);
  }
}

function slot(number: number, directory: string): Slot {
  return {
    number,
    directory,
    setHost: (host) => writeFile(join(directory, 'host.json'), JSON.stringify(host)),
    async release() {
      await removeTree(directory);
      // Only succeeds for the last peer, and leaves nothing behind then.
      await rmdir(peersDirectory).catch(() => undefined);
    },
  };
}

/** rename(2) replaces an empty directory only, so a slot that has an owner's file cannot be taken twice. */
async function renameOntoFree(prepared: string, directory: string): Promise<boolean> {
  try {
    await rename(prepared, directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes slots whose owner is dead, ending what the owner left running. Returns the removed directories. */
export async function reapStaleSlots(): Promise<string[]> {
  const reaped: string[] = [];
  for (const name of await readdir(peersDirectory).catch(() => [])) {
    const directory = join(peersDirectory, name);
    const owner = await readIdentity(join(directory, 'owner.json'));
    if (!owner || isAlive(owner)) continue;
    const host = await readIdentity(join(directory, 'host.json'));
    if (host && isAlive(host)) process.kill(host.pid, 'SIGKILL');
    await removeTree(directory);
    reaped.push(directory);
  }
  return reaped;
}

async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Retries, because processes that are just being killed may still write. */
function removeTree(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
