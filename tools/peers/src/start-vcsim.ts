import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateAuthority, type CertificateAuthority } from './certificate-authority.js';
import { runGovc } from './govc.js';
import { defaultVariant, vcsimBuild, type VcsimVariant } from './vcsim-build.js';
import { claimVcsimDirectory } from './vcsim-directory.js';
import { inventoryFlags, type VcsimInventory } from './vcsim-inventory.js';
import type { VcsimPeer } from './vcsim-peer.js';
import { startVcsimProcess, type VcsimProcess } from './vcsim-process.js';

export interface VcsimOptions extends VcsimInventory {
  /** Which simulator; the best that this machine can build when left out. See {@link defaultVariant}. */
  readonly variant?: VcsimVariant;
  /** Serves TLS, with a certificate of an authority made for this peer; true when left out. */
  readonly tls?: boolean;
  /** Milliseconds after which a session without calls expires; never when left out. */
  readonly sessionIdleMs?: number;
  /** Milliseconds that every call takes longer. */
  readonly delayMs?: number;
  /** Milliseconds until a start that has not succeeded fails; 60 000. Building is not counted. */
  readonly deadlineMs?: number;
  /** Gives up a start. A peer that runs is ended by its `stop()`. */
  readonly signal?: AbortSignal;
}

const username = 'tester@vsphere.local';

/**
 * Starts a vCenter simulator on a free port of 127.0.0.1. It ends with this process, and nothing of it stays.
 * @throws PeerUnavailable when this machine cannot build it.
 */
export async function startVcsim(options: VcsimOptions = {}): Promise<VcsimPeer> {
  const build = await vcsimBuild(options.variant ?? (await defaultVariant()));
  options.signal?.throwIfAborted();
  const directory = await claimVcsimDirectory();
  const [inventory, password] = [join(directory, 'inventory'), randomBytes(12).toString('hex')];
  const home = join(directory, 'home');
  let authority: CertificateAuthority | undefined;
  let process: VcsimProcess;
  const launch = (flags: readonly string[]) =>
    startVcsimProcess({
      program: build.vcsim,
      args: ['-directory', directory, '-username', username, ...inventoryFlags(options), ...flags],
      password,
      deadlineMs: options.deadlineMs ?? 60_000,
      signal: options.signal,
    });
  const flags = timeFlags(options);
  try {
    await mkdir(home);
    if (options.tls ?? true) {
      authority = await certificateAuthority(directory);
      const { certificate, key } = await authority.issue('server', 'serverAuth', ['IP:127.0.0.1', 'DNS:localhost']);
      flags.push('-tlscert', certificate, '-tlskey', key);
    }
    process = await launch(flags);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }

  const { url } = process;
  const peer: VcsimPeer = {
    ...{ url, username, password, authority, directory, version: build.version, variant: build.variant },
    get pid() {
      return process.pid;
    },
    async save() {
      await rm(inventory, { recursive: true, force: true });
      await process.save(inventory);
    },
    kill9: () => process.end('SIGKILL'),
    async start() {
      const saved = existsSync(inventory) ? ['-load', inventory] : [];
      process = await launch([...flags, ...saved, '-l', new URL(url).host]);
    },
    async restart() {
      await peer.save();
      await peer.kill9();
      await peer.start();
    },
    govc: (args, asked = {}) =>
      runGovc(args, {
        ...{ url, username, password, home },
        ...(authority ? { authority: authority.certificate } : {}),
        ...asked,
      }),
    logTail: () => process.log.join('\n'),
    async stop() {
      await process.end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
  return peer;
}

function timeFlags({ sessionIdleMs, delayMs }: VcsimOptions): string[] {
  return [
    ...(sessionIdleMs === undefined ? [] : ['-session-idle', `${sessionIdleMs}ms`]),
    ...(delayMs === undefined ? [] : ['-delay', String(delayMs)]),
  ];
}
