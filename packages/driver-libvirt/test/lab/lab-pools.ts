import { runCommand, type LabMachine } from '@virt-drivers/peers';

/** As an operator defines them: a volume group on the first disk, with a thin pool in it, and a directory. */
export async function definePools({ exec, uri }: LabMachine): Promise<void> {
  await exec(`
    pvcreate -q /dev/vdb; vgcreate -q machines /dev/vdb
    lvcreate -q -y --type thin-pool -L 512M -n thinpool machines`);
  const virsh = (...args: string[]) => runCommand('virsh', ['-c', uri, ...args]);
  await virsh('pool-define-as', 'default', 'dir', '--target', '/var/lib/libvirt/images');
  await virsh('pool-define-as', 'machines', 'logical', '--source-name', 'machines', '--target', '/dev/machines');
  for (const pool of ['default', 'machines']) await virsh('pool-start', pool);
}
