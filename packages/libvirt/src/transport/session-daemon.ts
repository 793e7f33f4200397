import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { LibvirtError } from '../libvirt-error.js';
import { givenDaemon, installedDaemon } from './daemon-program.js';

/** Seconds without a client after which the daemon ends itself, as libvirt's own clients ask for. */
const IDLE_SECONDS = 120;

/**
 * Starts the user's own daemon for a socket, as libvirt does. `--daemon` makes the program return when the daemon
 * listens; that daemon outlives this process and serves every program of the user. Two programs that start it at once
 * do no harm: it holds a lock, and the second one ends.
 */
export async function startSessionDaemon(path: string, reason: unknown, signal: AbortSignal): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const name = daemonOf(path);
  const program = givenDaemon() ?? installedDaemon(name) ?? name;
  try {
    await promisify(execFile)(program, [`--timeout=${IDLE_SECONDS}`, '--daemon'], { signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const how = error instanceof Error ? error.message : String(error);
    const message = `Session daemon ${program} could not be started: ${how}. Is libvirt installed?`;
    throw new LibvirtError('CONNECT_FAILED', message, { cause: reason });
  }
}

/** `virtqemud` for `virtqemud-sock`, `libvirtd` for `libvirt-sock`. */
function daemonOf(path: string): string {
  const name = basename(path).replace(/-sock$/, '');
  return name === 'libvirt' ? 'libvirtd' : name;
}
