import { defineCephPool, runCommand, startCeph, startLabMachine, startLibvirt } from '@virt-drivers/peers';

const MIB = 1_048_576;

/** Ends what was started, the last one first. */
export async function stopAll(peers) {
  for (const peer of peers.toReversed()) await peer.stop();
}

/** Gives what `start` makes; when it fails, the peers that it had pushed are ended. */
async function together(start) {
  const peers = [];
  try {
    return { peers, ...(await start(peers)) };
  } catch (error) {
    await stopAll(peers);
    throw error;
  }
}

/** A Ceph cluster with as many hosts as there are names, which have its pool `ceph` beside a directory. */
export const startCephHosts = (...names) =>
  together(async (peers) => {
    const ceph = await startCeph();
    peers.push(ceph);
    const hosts = [];
    for (const name of names) {
      const host = await startLibvirt({ name, tcp: true });
      peers.push(host);
      await defineCephPool(host, ceph);
      hosts.push({ target: host.tcp.uri, options: { migrationAddress: '127.0.0.1' } });
    }
    return { hosts };
  });

/** A machine whose kernel has a device mapper: a host with a volume group for each of the names, beside a directory. */
export const startLogicalHost = (...groups) =>
  together(async (peers) => {
    const lab = await startLabMachine({ disks: groups.map(() => 1024 * MIB) });
    peers.push(lab);
    const virsh = (...args) => runCommand('virsh', ['-c', lab.uri, ...args]);
    await virsh('pool-define-as', 'default', 'dir', '--target', '/var/lib/libvirt/images');
    for (const [index, name] of groups.entries()) {
      const disk = `/dev/vd${'bcdefg'[index]}`;
      await lab.exec(`pvcreate -q ${disk}; vgcreate -q ${name} ${disk}`);
      await virsh('pool-define-as', name, 'logical', '--source-name', name, '--target', `/dev/${name}`);
    }
    for (const name of ['default', ...groups]) await virsh('pool-start', name);
    return { hosts: [{ target: lab.uri, options: { virtType: 'qemu', connectSeconds: 120 } }] };
  });
