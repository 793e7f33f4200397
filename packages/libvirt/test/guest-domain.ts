import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guestImage } from '@virt-drivers/guest-image';
import type { LibvirtPeer } from '@virt-drivers/peers';

/** A domain that boots the small guest from an overlay in the peer's pool: serial console, agent channel, VNC. */
export async function guestDomainXml(peer: LibvirtPeer, name: string): Promise<string> {
  const image = await guestImage();
  const base = join(peer.imagesDirectory, `${name}-base.qcow2`);
  const disk = join(peer.imagesDirectory, `${name}.qcow2`);
  const run = promisify(execFile);
  await run('cp', [image.qcow2, base]);
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, disk]);
  await run('chmod', ['a+rw', base, disk]);
  return `<domain type="qemu">
  <name>${name}</name>
  <memory unit="MiB">192</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type></os>
  <features><acpi/><apic/></features>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
    <serial type="pty"><target port="0"/></serial><console type="pty"><target type="serial" port="0"/></console>
    <channel type="unix"><source mode="bind"/><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <graphics type="vnc" autoport="yes" listen="127.0.0.1"/><video><model type="vga"/></video>
  </devices>
</domain>`;
}
