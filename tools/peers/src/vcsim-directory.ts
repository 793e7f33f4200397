import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';

const prefix = 'virt-vcsim-';
const ownerFile = 'owner.json';

/** A directory for one simulator, owned by this process, after those of dead processes are removed. */
export async function claimVcsimDirectory(): Promise<string> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(directory, ownerFile), JSON.stringify(identityOf(process.pid) ?? { pid: 0, startTime: '' }));
  return directory;
}

/** A simulator removes its directory when its owner dies; this is for those that were killed together with it. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(tmpdir(), name);
    const owner = await readOwner(directory).catch(() => undefined);
    if (owner && !isAlive(owner)) await rm(directory, { recursive: true, force: true });
  }
}

/** Undefined for what another account made, whatever it says. */
async function readOwner(directory: string): Promise<ProcessIdentity | undefined> {
  const { uid } = await lstat(directory);
  if (uid !== process.getuid?.()) return undefined;
  const owner: unknown = JSON.parse(await readFile(join(directory, ownerFile), 'utf8'));
  return isIdentity(owner) ? owner : undefined;
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value;
}
