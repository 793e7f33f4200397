import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PeerUnavailable } from './peer-unavailable.js';
import { missingPrograms, searchPath } from './prerequisites.js';

/** Something that a script of this package makes of Debian packages, as root. */
export interface DebianBuild {
  /** For people: `lab machine`. */
  readonly what: string;
  readonly script: string;
  readonly programs: readonly string[];
}

/** Throws {@link PeerUnavailable} where it cannot be built. */
export function requireBuildable({ what, programs }: DebianBuild): void {
  if (process.arch !== 'x64')
    throw new PeerUnavailable(what, `it is built for x86-64, not ${process.arch}`, 'Use another machine.');
  if (process.getuid?.() !== 0)
    throw new PeerUnavailable(what, 'not running as root', 'Run as root once, to build it.');
  const missing = missingPrograms(programs);
  if (missing.length > 0)
    throw new PeerUnavailable(what, `${missing.join(', ')} not found in PATH`, 'Run `npm run setup` as root.');
}

/** The code name of this machine's release. Throws {@link PeerUnavailable} where it is no Debian. */
export async function debianRelease(what: string): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1];
  if (!codename) throw new PeerUnavailable(what, 'this is no Debian system', 'It is made of Debian packages.');
  return codename;
}

/** The longest takes ten minutes on two processors, and packages come over a network. */
const LONGEST_MILLISECONDS = 3_600_000;

/** Has the script fill a directory. Its last lines are in the error when it fails. */
export async function runBuild({ what, script }: DebianBuild, directory: string, release: string): Promise<void> {
  const last: string[] = [];
  const child = spawn('bash', [script, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: searchPath(), RELEASE: release },
    timeout: LONGEST_MILLISECONDS,
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
    });
  }
  const [status, signal]: unknown[] = await once(child, 'close');
  if (status !== 0) throw new Error(`Build of ${what} ended with ${String(status ?? signal)}:\n${last.join('\n')}`);
}
