// Where a release of this driver is proven: two libvirtd of our own with real QEMU machines.
import { guestImage } from '@virt-drivers/guest-image';
import { startLibvirt } from '@virt-drivers/peers';

/**
 * Starts the peers.
 * @param {{old: boolean}} what `old`: a release that may not know yet what the suite asks for now
 * @returns {Promise<{args: string[], stop: () => Promise<void>}>} arguments of `virt-conformance run`
 * @throws PeerUnavailable when this machine cannot start one
 */
export async function startConformancePeer({ old }) {
  const { qcow2 } = await guestImage();
  const peer = await startLibvirt({ name: 'conformance' });
  const args = ['--target', peer.uri, '--tier', 'peer', '--guest-image', qcow2];
  // How machines run is said: 0.1.0 tries KVM with another processor than its machines get, and so believes in one that is
  // nested and stops just these.
  if (old) return { args: [...args, '--option', 'virtType=qemu'], stop: () => peer.stop() };
  const other = await startLibvirt({ name: 'destination' }).catch(async (error) => {
    await peer.stop();
    throw error;
  });
  // Both share this machine's network, in which their host names mean nothing.
  const migration = ['--destination', other.uri, '--option', 'migrationAddress=127.0.0.1'];
  return {
    args: [...args, ...migration],
    stop: async () => {
      await Promise.all([peer.stop(), other.stop()]);
    },
  };
}
