import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBecomes } from './file-presence.js';
import { logTail } from './log-tail.js';
import type { NamespaceHost } from './namespace-host.js';
import { runCommand } from './run-command.js';

/** The libvirtd inside a peer, which may be killed and started again while its guests run on. */
export interface LibvirtDaemon {
  /** Its number outside; throws while it does not run. */
  readonly pid: number;
  /** Resolves when it answers a call. */
  start(signal?: AbortSignal): Promise<void>;
  /** Sends a deadly signal and resolves when the daemon has ended; at once when it does not run. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  readonly uri: string;
  readonly testUri: string;
  readonly socket: string;
  logTail(lines?: number): Promise<string>;
}

export interface DaemonOptions {
  readonly name: string;
  readonly directory: string;
  readonly socket: string;
  readonly deadlineMs: number;
}

export function libvirtDaemon(host: NamespaceHost, options: DaemonOptions): LibvirtDaemon {
  const { socket } = options;
  const readOnlySocket = `${socket}-ro`;
  const uri = `qemu+unix:///system?socket=${socket}`;
  const logs = ['log/libvirtd.log', 'log/libvirtd.out'].map((file) => join(options.directory, file));
  const find = () => host.processes().find((process) => process.name === 'libvirtd');

  async function answers(signal: AbortSignal): Promise<void> {
    // Sockets of an earlier daemon that was killed would look ready, and refuse.
    await Promise.all([socket, readOnlySocket].map((path) => rm(path, { force: true })));
    const ended = host.nextLine(/^exited/, signal).then((line) => Promise.reject(new Error(`It ${line}.`)));
    const answered = async () => {
      // libvirtd makes this one when it listens on the other; a socket's own file is there a moment before that.
      await fileBecomes('present', readOnlySocket, signal);
      await runCommand('virsh', ['-c', uri, 'uri'], { signal, timeoutMs: options.deadlineMs });
    };
    host.send('start');
    await Promise.race([ended, answered()]);
  }

  return {
    uri,
    testUri: `test+unix:///default?socket=${socket}`,
    socket,
    get pid() {
      const found = find();
      if (!found) throw new Error(`libvirtd of peer ${options.name} does not run.`);
      return found.pid;
    },
    async start(signal) {
      const attempt = new AbortController();
      const deadline = AbortSignal.timeout(options.deadlineMs);
      try {
        await answers(AbortSignal.any([attempt.signal, deadline, ...(signal ? [signal] : [])]));
      } catch (cause) {
        signal?.throwIfAborted();
        const why = deadline.aborted ? `did not answer within ${options.deadlineMs} ms` : 'did not start';
        const log = await logTail(logs);
        throw new Error(`libvirtd of peer ${options.name} ${why}. ${String(cause)} Its log ends:\n${log}`, { cause });
      } finally {
        attempt.abort();
      }
    },
    async end(signal) {
      const found = find();
      if (!found) return;
      const ended = host.nextLine(/^exited/, AbortSignal.timeout(options.deadlineMs));
      // A frozen daemon would keep SIGTERM pending.
      process.kill(found.pid, 'SIGCONT');
      process.kill(found.pid, signal);
      await ended;
    },
    logTail: (lines) => logTail(logs, lines),
  };
}
