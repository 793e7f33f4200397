import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processesOf, type PeerProcess } from './namespace-processes.js';
import { searchPath, type Propagation } from './prerequisites.js';
import { identityOf, type ProcessIdentity } from './process-identity.js';

/** The namespaces of a peer with their first process, which obeys lines and reports lines. */
export interface NamespaceHost {
  /** The unshare(1) process: when it ends, everything inside has ended. */
  readonly identity: ProcessIdentity;
  send(command: string): void;
  /**
   * Resolves with the first line from now on that matches; for the first caller, since the start. Rejects when the host
   * ends before or the signal fires.
   */
  nextLine(pattern: RegExp, signal: AbortSignal): Promise<string>;
  processes(): PeerProcess[];
  /** Ends all processes inside and resolves when the kernel has removed the last one. */
  stop(): Promise<void>;
}

export interface HostOptions {
  readonly propagation: Propagation;
  /** Added to this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** With interfaces of its own: at first only a loopback one, which the script brings up. */
  readonly network?: 'own';
}

const stopDeadlineMs = 10_000;

/** Starts `script` (in ../host) with `args` as the first process of new mount, UTS and pid namespaces. */
export function startNamespaceHost(script: string, args: readonly string[], options: HostOptions): NamespaceHost {
  const file = fileURLToPath(new URL(`../host/${script}`, import.meta.url));
  const own = options.network === 'own' ? ['--net'] : [];
  const flags = ['--mount', '--uts', '--pid', ...own, '--fork', '--kill-child', '--mount-proc', '--propagation'];
  // A session of its own: Ctrl-C in a terminal must reach the owner, which then stops its peers in order.
  const child = spawn('unshare', [...flags, options.propagation, 'bash', file, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH: searchPath(), PEER_NETWORK: options.network ?? 'shared', ...options.env },
  });
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (!identity) throw new Error('unshare(1) could not be started.');
  const lines = createInterface({ input: child.stdout });
  // A peer may serve before its owner, on a busy machine, comes to ask.
  let unheard: string[] | undefined = [];
  lines.on('line', (line) => unheard?.push(line));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4096)));
  const exited = once(child, 'exit');
  // The host may be gone already; then `exited` tells.
  child.stdin.on('error', () => undefined);
  // A forgotten peer must not keep its owner alive: when the owner ends, so does the pipe, and with it the peer.
  child.unref();
  // Pipes of a child are sockets, though their type does not say so.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as unknown as Socket).unref();

  return {
    identity,
    send: (command) => void child.stdin.write(`${command}\n`),
    nextLine: (pattern, signal) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          lines.off('line', onLine);
          child.off('close', onClose);
          signal.removeEventListener('abort', onAbort);
          child.unref();
          act();
        };
        const onLine = (line: string) => pattern.test(line) && settle(() => resolve(line));
        const onClose = () => settle(() => reject(new Error(`The peer's host ended: ${errors.trim() || 'no output'}`)));
        const onAbort = () => settle(() => reject(signal.reason));
        // Somebody waits: until then the process must not end for want of something to do.
        child.ref();
        lines.on('line', onLine);
        child.on('close', onClose);
        signal.addEventListener('abort', onAbort);
        const heard = unheard?.find((line) => pattern.test(line));
        unheard = undefined;
        if (heard !== undefined) settle(() => resolve(heard));
        else if (signal.aborted) onAbort();
        else if (child.exitCode !== null || child.signalCode !== null) onClose();
      }),
    processes: () => processesOf(identity.pid),
    async stop() {
      child.ref();
      child.stdin.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      await exited;
      clearTimeout(kill);
    },
  };
}
