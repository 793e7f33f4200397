import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process inside a peer, seen from outside. */
export interface PeerProcess {
  /** Its number outside, the one to signal. */
  readonly pid: number;
  /** Its number inside the peer's pid namespace. */
  readonly innerPid: number;
  /** The program's name, at most 15 characters (the kernel's `comm`). */
  readonly name: string;
  readonly args: readonly string[];
}

/**
 * The processes of the pid namespace that `unsharePid` created for its children.
 * Zombies are left out. Empty once the namespace has ended.
 */
export function processesOf(unsharePid: number): PeerProcess[] {
  const namespace = read(() => readlinkSync(`/proc/${unsharePid}/ns/pid_for_children`));
  if (!namespace) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && read(() => readlinkSync(`/proc/${entry}/ns/pid`)) === namespace)
    .flatMap((entry) => describe(Number(entry)) ?? [])
    .sort((a, b) => a.innerPid - b.innerPid);
}

function describe(pid: number): PeerProcess | undefined {
  const status = read(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const commandLine = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  const name = /^Name:\t(.*)$/m.exec(status ?? '')?.[1];
  const innerPid = /^NSpid:.*\t(\d+)$/m.exec(status ?? '')?.[1];
  if (!name || !innerPid || !commandLine) return undefined;
  return { pid, innerPid: Number(innerPid), name, args: commandLine.split('\0').slice(0, -1) };
}

/** Processes come and go while /proc is read; one that went has no value. */
function read(get: () => string): string | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
