import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PeerUnavailable } from './peer-unavailable.js';
import { CommandFailed, runCommand } from './run-command.js';

const install = 'Run `npm run setup` as root, or install the packages of tools/setup/apt-packages.json.';

/** How unshare(1) keeps the peer's mounts to itself. */
export type Propagation = 'private' | 'unchanged';

/** Throws {@link PeerUnavailable} unless this is Linux, root, with these programs and the right to make namespaces. */
export async function requirePrerequisites(what: string, programs: readonly string[]): Promise<Propagation> {
  if (process.platform !== 'linux') throw new PeerUnavailable(what, `it needs Linux, not ${process.platform}`, '');
  if (process.getuid?.() !== 0) throw new PeerUnavailable(what, 'not running as root', 'Run as root.');
  const missing = missingPrograms(programs);
  if (missing.length > 0) throw new PeerUnavailable(what, `${missing.join(', ')} not found in PATH`, install);
  const refusal = await namespacesRefused('private');
  if (refusal === undefined) return 'private';
  // The root of a chroot is no mount point, which cannot be made private. Nor need it be where nothing is shared.
  const shared = readFileSync('/proc/self/mountinfo', 'utf8').includes(' shared:');
  if (!shared && (await namespacesRefused('unchanged')) === undefined) return 'unchanged';
  throw new PeerUnavailable(what, `namespaces cannot be created (${refusal})`, 'It needs CAP_SYS_ADMIN.');
}

async function namespacesRefused(propagation: Propagation): Promise<string | undefined> {
  try {
    await runCommand('unshare', ['--mount', '--uts', '--pid', '--fork', '--propagation', propagation, 'true']);
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return error.output.stderr.trim();
  }
}

/** PATH with the administrators' directories, which a user's shell may lack. */
export function searchPath(): string {
  return [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter);
}

/** Those of `programs` that are not in {@link searchPath}. */
export function missingPrograms(programs: readonly string[]): string[] {
  return programs.filter((program) => !findProgram(program));
}

function findProgram(program: string): string | undefined {
  return searchPath()
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
