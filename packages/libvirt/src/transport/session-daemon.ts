import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { LibvirtError } from '../libvirt-error.js';

/** Seconds without a client after which the daemon ends itself, as libvirt's own clients ask for. */
const IDLE_SECONDS = 120;

/**
 * Starts the user's own daemon for a socket, as libvirt does, and waits until the socket is there.
 * Two that start it at once do no harm: the daemon holds a lock and the second one ends.
 */
export async function startSessionDaemon(path: string, reason: unknown, signal: AbortSignal): Promise<void> {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const program = daemonProgram(path);
  const watching = new AbortController();
  // Watched before the start, so that the socket cannot appear unseen.
  const appeared = socketAppears(directory, basename(path), AbortSignal.any([signal, watching.signal]));
  // The daemon outlives this process: it serves every program of the user.
  const child = spawn(program, [`--timeout=${IDLE_SECONDS}`, '--daemon'], { stdio: 'ignore', detached: true });
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    if (code !== 0) throw new Error(`it ended with code ${String(code)}`);
    return existsSync(path) ? undefined : appeared;
  });
  try {
    await Promise.race([appeared, ended]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw startFailed(program, error, reason);
  } finally {
    watching.abort();
    // Whichever of the two is not needed any more ends here.
    void Promise.allSettled([appeared, ended]);
  }
}

/** `virtqemud` for `virtqemud-sock`, `libvirtd` for `libvirt-sock`; LIBVIRTD_PATH overrides it, as for libvirt. */
function daemonProgram(path: string): string {
  const name = basename(path).replace(/-sock$/, '');
  return process.env['LIBVIRTD_PATH'] ?? (name === 'libvirt' ? 'libvirtd' : name);
}

async function socketAppears(directory: string, name: string, signal: AbortSignal): Promise<void> {
  for await (const { filename } of watch(directory, { signal })) {
    if (filename === name) return;
  }
}

function startFailed(program: string, error: unknown, cause: unknown): LibvirtError {
  const how = error instanceof Error ? error.message : String(error);
  return new LibvirtError('CONNECT_FAILED', `Session daemon ${program} could not be started: ${how}. Is libvirt installed?`, { cause });
}
