import { afterAll } from '@jest/globals';
import { requirePeer, startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';

/** Declares tests that need a libvirtd of their own; it ends with the file. Skipped, with a reason, where none can run. */
export async function describeOnPeer(name: string, declare: (peer: LibvirtPeer) => void): Promise<void> {
  const peer = await requirePeer(() => startLibvirt());
  afterAll(() => peer?.stop(), 30_000);
  describeWith(name, peer, declare);
}
