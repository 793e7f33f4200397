import { readFile } from 'node:fs/promises';
import { systemCode } from './system-error.js';

/** One process of this machine, not to be confused with a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time and boot as the kernel tells them; empty where it does not. */
  readonly birth: string;
}

let own: Promise<ProcessIdentity> | undefined;

/** This process. */
export const thisProcess = (): Promise<ProcessIdentity> => (own ??= identify(process.pid));

/** True when exactly this process still runs. */
export async function isAlive({ pid, birth }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (systemCode(error) !== 'EPERM') return false;
  }
  return birth === (await identify(pid)).birth;
}

async function identify(pid: number): Promise<ProcessIdentity> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The second field is a name in brackets that may hold anything; start time is field 22, the 20th after it. proc(5)
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return { pid, birth: `${startTime}-${boot.trim().slice(0, 8)}` };
  } catch {
    // No /proc here, or the process just ended.
    return { pid, birth: '' };
  }
}

/** `pid-birth` as part of a file name. */
export const identityText = ({ pid, birth }: ProcessIdentity): string => `${pid}_${birth}`;

/** Reads {@link identityText} from the start of a file name; undefined when it is not one. */
export function identityFrom(text: string): ProcessIdentity | undefined {
  const match = /^(\d+)_([0-9a-f-]*)/.exec(text);
  return match ? { pid: Number(match[1]), birth: match[2] ?? '' } : undefined;
}
