import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cephLayout, writeCephConfiguration } from './ceph-configuration.js';
import { logTail } from './log-tail.js';
import { startNamespaceHost, type NamespaceHost } from './namespace-host.js';
import { portsOf } from './peer-ports.js';
import { requirePrerequisites } from './prerequisites.js';
import { runCommand } from './run-command.js';
import { claimSlot } from './slot.js';

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

const programs = ['unshare', 'bash', 'ceph-mon', 'ceph-mgr', 'ceph-osd', 'ceph', 'rbd', 'ceph-authtool', 'monmaptool'];

/**
 * Starts a cluster; 20 seconds on a quiet machine.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startCeph(options: { readonly deadlineMs?: number } = {}): Promise<CephPeer> {
  const propagation = await requirePrerequisites('Ceph peer', programs);
  const slot = await claimSlot();
  const { directory } = slot;
  const configuration = join(directory, 'ceph.conf');
  let host: NamespaceHost | undefined;
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      await host?.stop();
      await slot.release();
    })());
  try {
    const ports = portsOf(slot.number);
    const layout = cephLayout(directory, randomUUID(), ports);
    await writeCephConfiguration(layout, ports);
    host = startNamespaceHost('ceph-host.sh', [directory, layout.monitors, layout.fsid], {
      propagation,
      env: { CEPH_CONF: configuration },
    });
    await slot.setHost(host.identity);
    await host.nextLine(/^ready$/, AbortSignal.timeout(options.deadlineMs ?? 180_000));
    const [, key = ''] = /key = (\S+)/.exec(await readFile(join(directory, 'machines.keyring'), 'utf8')) ?? [];
    return {
      monitor: { host: '127.0.0.1', port: layout.port },
      pool: 'volumes',
      account: { user: 'machines', key },
      rbd: async (args) => (await runCommand('rbd', ['--conf', configuration, ...args])).stdout,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const log = await logTail([join(directory, 'log/daemons.out')]);
    await stop();
    throw log === '' ? error : new Error(`The Ceph peer did not start: ${log}`, { cause: error });
  }
}
