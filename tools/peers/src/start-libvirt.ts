import { join } from 'node:path';
import { endpointPrograms, prepareEndpoints, type EndpointOptions } from './endpoints.js';
import { fileBecomes } from './file-presence.js';
import { writeLibvirtConfiguration, type Settings } from './libvirt-configuration.js';
import { libvirtDaemon } from './libvirt-daemon.js';
import { libvirtPeer, type LibvirtPeer } from './libvirt-peer.js';
import { portsOf } from './peer-ports.js';
import { requirePrerequisites } from './prerequisites.js';
import { ownSlot } from './slot-owner.js';

export interface LibvirtOptions extends EndpointOptions {
  /** Host name of the peer: small letters, digits and hyphens. `peer-N` when left out. */
  readonly name?: string;
  /** Settings for libvirtd.conf over the usual ones; `auth_unix_rw: 'polkit'` needs polkit to be started inside. */
  readonly settings?: Settings;
  /** Settings for qemu.conf over the usual ones. */
  readonly guestSettings?: Settings;
  /** Settings for virtlogd.conf, which keeps what serial ports print. */
  readonly logSettings?: Settings;
  /**
   * `own`: a network that nobody else is in until {@link linkPeers}. The daemon is reached by its unix socket all the same;
   * other endpoints only from inside.
   */
  readonly network?: 'shared' | 'own';
  /** Milliseconds until a start that has not succeeded fails, with the daemon's log in the error; 30 000. */
  readonly deadlineMs?: number;
  /** Gives up a start. A peer that runs is ended by its `stop()`. */
  readonly signal?: AbortSignal;
}

const programs = ['unshare', 'nsenter', 'bash', 'libvirtd', 'virtlogd', 'virsh', 'qemu-system-x86_64', 'qemu-img'];

/**
 * Starts a libvirtd that shares nothing with another one on this machine but the network, unless that is its own, too.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startLibvirt(options: LibvirtOptions = {}): Promise<LibvirtPeer> {
  const propagation = await requirePrerequisites('libvirt peer', [
    ...programs,
    ...endpointPrograms(options),
    ...(options.network === 'own' ? ['ip'] : []),
  ]);
  options.signal?.throwIfAborted();
  if (options.name !== undefined && !/^[a-z][a-z0-9-]{0,30}$/.test(options.name)) {
    throw new TypeError(`Peer name '${options.name}' is no host name: use a-z, 0-9 and hyphens, a letter first.`);
  }
  const { number, directory, run, stop } = await ownSlot();
  const name = options.name ?? `peer-${number}`;
  try {
    const ports = portsOf(number);
    const { endpoints, settings, listens } = await prepareEndpoints(options, { directory, name, ports });
    const daemonSettings = { ...settings, ...options.settings };
    const guests = options.guestSettings ?? {};
    const logs = options.logSettings ?? {};
    await writeLibvirtConfiguration({ directory, name, ports, daemon: daemonSettings, guests, logs });
    const flags = listens ? ['--listen'] : [];
    const host = await run('libvirt-host.sh', [directory, name, ...flags], {
      propagation,
      ...(options.network === 'own' && { network: 'own' }),
    });
    const socket = join(directory, 'run/libvirt/libvirt-sock');
    const deadlineMs = options.deadlineMs ?? 30_000;
    const daemon = libvirtDaemon(host, { directory, name, deadlineMs, socket });
    await daemon.start(options.signal);
    // Written when sshd listens.
    if (endpoints.ssh) await fileBecomes('present', join(directory, 'run/sshd.pid'), AbortSignal.timeout(deadlineMs));
    const peer = libvirtPeer({ name, directory, host, daemon, endpoints, stop });
    await definePool(peer);
    return peer;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Persistent and started with the daemon, so that it is there after a restart too. */
async function definePool(peer: LibvirtPeer): Promise<void> {
  await peer.virsh(['pool-define-as', 'default', 'dir', '--target', peer.imagesDirectory]);
  await peer.virsh(['pool-autostart', 'default']);
  await peer.virsh(['pool-start', 'default']);
}
