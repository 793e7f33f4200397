import { join } from 'node:path';
import type { Endpoints } from './endpoints.js';
import { fileBecomes } from './file-presence.js';
import type { LibvirtDaemon } from './libvirt-daemon.js';
import type { NamespaceHost } from './namespace-host.js';
import type { PeerProcess } from './namespace-processes.js';
import { runCommand, type CommandOutput, type RunOptions } from './run-command.js';

/** A libvirtd of our own, with virtlogd and its guests in private mount, UTS and pid namespaces. */
export interface LibvirtPeer extends Endpoints, AsyncDisposable {
  /** Also the peer's host name. */
  readonly name: string;
  /** Real QEMU guests: `qemu+unix:///system?socket=…`. */
  readonly uri: string;
  /** The same daemon's in-memory test driver: `test+unix:///default?socket=…`. */
  readonly testUri: string;
  /** The daemon's socket, as this process sees it. */
  readonly socket: string;
  /** Everything of the peer is below it; it goes with the peer. */
  readonly directory: string;
  /** The directory of the storage pool `default`, at the same path inside and outside the peer. */
  readonly imagesDirectory: string;
  /** The present libvirtd, to be signalled from outside; changes with {@link restart}. */
  readonly pid: number;
  /** Runs virsh on {@link uri} and resolves with its standard output. */
  virsh(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs a program inside the peer's namespaces. */
  exec(program: string, args: readonly string[], options?: RunOptions): Promise<CommandOutput>;
  /** All processes inside the peer, guests included. */
  processes(): readonly PeerProcess[];
  /** The QEMU process of a running machine, to be signalled; throws when there is none. */
  qemuProcess(machineName: string): PeerProcess;
  /** Resolves when libvirtd has noticed that a machine has ended; at once for one that does not run. */
  machineEnded(machineName: string, deadlineMs?: number): Promise<void>;
  /** The last lines of libvirtd's log; 40 when not said otherwise. */
  logTail(lines?: number): Promise<string>;
  /** Kills libvirtd without warning; its guests run on. Resolves when it is gone. */
  kill9(): Promise<void>;
  /** Freezes libvirtd: connections are still accepted by the kernel, but nothing answers. */
  sigstop(): void;
  sigcont(): void;
  /** Ends libvirtd, if it runs, and starts it again; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends the daemon, its guests and its namespaces, and removes {@link directory}. May be called twice. */
  stop(): Promise<void>;
}

export interface PeerParts {
  readonly name: string;
  readonly directory: string;
  readonly host: NamespaceHost;
  readonly daemon: LibvirtDaemon;
  readonly endpoints: Endpoints;
  stop(): Promise<void>;
}

export function libvirtPeer({ name, directory, host, daemon, endpoints, stop }: PeerParts): LibvirtPeer {
  let stopped: Promise<void> | undefined;
  const stopOnce = () => (stopped ??= stop());
  return {
    ...endpoints,
    name,
    uri: daemon.uri,
    testUri: daemon.testUri,
    socket: daemon.socket,
    directory,
    imagesDirectory: join(directory, 'images'),
    get pid() {
      return daemon.pid;
    },
    virsh: async (args, options) => (await runCommand('virsh', ['-c', daemon.uri, ...args], options)).stdout,
    exec: (program, args, options) => runCommand('nsenter', [...entering(name, host), program, ...args], options),
    processes: () => host.processes(),
    qemuProcess(machineName) {
      const found = host.processes().find(({ args }) => args.some((arg) => arg.startsWith(`guest=${machineName},`)));
      if (!found) throw new Error(`Machine ${machineName} has no QEMU process in peer ${name}.`);
      return found;
    },
    // libvirtd keeps the state of a running machine in this file.
    machineEnded: (machineName, deadlineMs = 30_000) =>
      fileBecomes('absent', join(directory, `run/libvirt/qemu/${machineName}.xml`), AbortSignal.timeout(deadlineMs)),
    logTail: (lines) => daemon.logTail(lines),
    kill9: () => daemon.end('SIGKILL'),
    sigstop: () => void process.kill(daemon.pid, 'SIGSTOP'),
    sigcont: () => void process.kill(daemon.pid, 'SIGCONT'),
    async restart() {
      await daemon.end('SIGTERM');
      await daemon.start();
    },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

function entering(name: string, host: NamespaceHost): string[] {
  const first = host.processes()[0];
  if (!first) throw new Error(`Peer ${name} has ended.`);
  return ['--target', String(first.pid), '--mount', '--uts', '--pid', '--net', '--root', '--wd', '--'];
}
