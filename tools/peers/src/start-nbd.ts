import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSlotPeer } from './slot-peer.js';
import type { PeerAddress } from './start-iscsi.js';

/** An NBD server (nbdkit) of our own, with faults that can be switched on. */
export interface NbdPeer extends AsyncDisposable {
  readonly server: PeerAddress;
  /** Makes an export, all zeros. */
  addExport(name: string, sizeBytes: number): Promise<void>;
  /** The export's bytes. */
  file(name: string): string;
  /** From now on all requests of this kind get an I/O error, or no longer do. */
  fail(kind: 'reads' | 'writes', on: boolean): Promise<void>;
  /** Ends the server without warning; what is exported stays. */
  cut(): Promise<void>;
  /** Serves again after {@link cut}. */
  restore(): Promise<void>;
  /** Ends the server and removes it. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a server without exports; less than a second.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startNbd(): Promise<NbdPeer> {
  const { directory, ports, host, stop } = await startSlotPeer({
    what: 'NBD peer',
    programs: ['nbdkit'],
    script: 'nbd-host.sh',
    serves: /^serving$/,
    log: 'nbdkit.out',
    async prepare(own, { tcp }) {
      await mkdir(join(own, 'exports'));
      return { args: [own, '127.0.0.1', String(tcp)] };
    },
  });
  const file = (name: string) => join(directory, 'exports', name);
  const order = async (command: string, answer: RegExp): Promise<void> => {
    const answered = host.nextLine(answer, AbortSignal.timeout(10_000));
    host.send(command);
    await answered;
  };
  return {
    server: { host: '127.0.0.1', port: ports.tcp },
    async addExport(name, sizeBytes) {
      const handle = await open(file(name), 'wx', 0o600);
      await handle.truncate(sizeBytes).finally(() => handle.close());
    },
    file,
    async fail(kind, on) {
      const flag = join(directory, `fail-${kind}`);
      await (on ? writeFile(flag, '') : rm(flag, { force: true }));
    },
    cut: () => order('stop', /^stopped$/),
    restore: () => order('start', /^serving$/),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
