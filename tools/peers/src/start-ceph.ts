import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cephLayout, writeCephConfiguration } from './ceph-configuration.js';
import { runCommand } from './run-command.js';
import { startSlotPeer } from './slot-peer.js';

/** A Ceph cluster of our own: one monitor, one manager, one OSD, with authentication. */
export interface CephPeer extends AsyncDisposable {
  /** The monitor, on 127.0.0.1. */
  readonly monitor: { readonly host: string; readonly port: number };
  /** The pool for images. */
  readonly pool: string;
  /** An account that may do with images in that pool what it likes, and nothing else. */
  readonly account: { readonly user: string; readonly key: string };
  /** Runs rbd(8) as the administrator and resolves with its standard output. */
  rbd(args: readonly string[]): Promise<string>;
  /** Ends the cluster and removes it. May be called twice. */
  stop(): Promise<void>;
}

const programs = ['ceph-mon', 'ceph-mgr', 'ceph-osd', 'ceph', 'rbd', 'ceph-authtool', 'monmaptool'];

/**
 * Starts a cluster; 20 seconds on a quiet machine.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startCeph(options: { readonly deadlineMs?: number } = {}): Promise<CephPeer> {
  let key = '';
  const { directory, ports, stop } = await startSlotPeer({
    what: 'Ceph peer',
    programs,
    script: 'ceph-host.sh',
    async serves(host, own, deadline) {
      await host.nextLine(/^ready$/, deadline);
      [, key = ''] = /key = (\S+)/.exec(await readFile(join(own, 'machines.keyring'), 'utf8')) ?? [];
    },
    log: 'log/daemons.out',
    deadlineMs: options.deadlineMs ?? 180_000,
    async prepare(own, all) {
      const layout = cephLayout(own, randomUUID(), all);
      await writeCephConfiguration(layout, all);
      return { args: [own, layout.monitors, layout.fsid], env: { CEPH_CONF: join(own, 'ceph.conf') } };
    },
  });
  return {
    monitor: { host: '127.0.0.1', port: ports.tcp },
    pool: 'volumes',
    account: { user: 'machines', key },
    rbd: async (args) => (await runCommand('rbd', ['--conf', join(directory, 'ceph.conf'), ...args])).stdout,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
