import { afterAll, describe } from '@jest/globals';
import { requirePeer, startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';

/** Declares tests that need a libvirtd of their own; it ends with the file. Skipped, with a reason, where none can run. */
export async function describeOnPeer(name: string, declare: (peer: LibvirtPeer) => void): Promise<void> {
  const peer = await requirePeer(() => startLibvirt());
  if (!peer) {
    // `requirePeer` has printed why there is none; with CI=true it threw instead.
    describe.skip(name, () => undefined);
    return;
  }
  afterAll(() => peer.stop(), 30_000);
  describe(name, () => declare(peer));
}
