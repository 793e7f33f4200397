import type { LibvirtPeer } from './libvirt-peer.js';
import { runCommand } from './run-command.js';

/** A cable between two peers that have networks of their own. */
export interface PeerLink {
  /** Of the two peers, in the order in which they were given; only these two know them. */
  readonly addresses: readonly [string, string];
  /** Unplugs it: what is sent arrives no more, and nobody is told. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

const DEVICE = 'to-peer';
/** A range for documentation (RFC 5737), so that nothing real is ever hidden. */
export const LINK_ADDRESSES = ['192.0.2.1', '192.0.2.2'] as const;

/** Connects two peers that were started with `network: 'own'`; the link goes when one of them ends. */
export async function linkPeers(first: LibvirtPeer, second: LibvirtPeer): Promise<PeerLink> {
  const [one, other] = [innerProcess(first), innerProcess(second)];
  const ends = ['type', 'veth', 'peer', 'name', DEVICE, 'netns', other];
  await runCommand('ip', ['link', 'add', DEVICE, 'netns', one, ...ends]);
  await inside(one, ['address', 'add', `${LINK_ADDRESSES[0]}/30`, 'dev', DEVICE]);
  await inside(other, ['address', 'add', `${LINK_ADDRESSES[1]}/30`, 'dev', DEVICE]);
  await Promise.all([one, other].map((process) => inside(process, ['link', 'set', DEVICE, 'up'])));
  return {
    addresses: LINK_ADDRESSES,
    cut: () => inside(other, ['link', 'set', DEVICE, 'down']),
    restore: () => inside(other, ['link', 'set', DEVICE, 'up']),
  };
}

function innerProcess(peer: LibvirtPeer): string {
  const [first] = peer.processes();
  if (!first) throw new Error(`Peer ${peer.name} has ended.`);
  return String(first.pid);
}

async function inside(process: string, args: readonly string[]): Promise<void> {
  await runCommand('nsenter', ['--target', process, '--net', '--', 'ip', ...args]);
}
