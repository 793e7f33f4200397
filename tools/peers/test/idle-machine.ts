import { fileURLToPath } from 'node:url';
import type { LibvirtPeer } from '../src/index.js';

/** Starts a machine with nothing to boot: the cheapest real QEMU process. */
export async function startIdleMachine(peer: LibvirtPeer): Promise<void> {
  await peer.virsh(['define', fileURLToPath(new URL('idle-machine.xml', import.meta.url))]);
  await peer.virsh(['start', 'idle']);
}
