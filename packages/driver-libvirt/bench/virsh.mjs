import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { runCommand } from '@virt-drivers/peers';
import { seconds } from './programs.mjs';

/** A machine like those of the flows, on an overlay that is there already. */
const xml = (name, overlay, base) => `<domain type="qemu">
  <name>${name}</name><uuid>${randomUUID()}</uuid><memory unit="MiB">128</memory><vcpu>1</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type></os><features><acpi/></features>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${overlay}"/>
      <backingStore type="file"><format type="qcow2"/><source file="${base}"/><backingStore/></backingStore>
      <target dev="vda" bus="virtio"/></disk>
    <serial type="pty"/><graphics type="vnc" autoport="yes" listen="127.0.0.1"/>
  </devices></domain>`;

/** Seconds of `virsh create` and of `virsh destroy`, `count` times. */
export async function measureVirsh(peer, image, count) {
  const base = join(peer.imagesDirectory, 'virsh-base.qcow2');
  await runCommand('cp', [image, base]);
  await runCommand('chmod', ['0644', base]);
  const [create, destroy] = [[], []];
  for (let index = 0; index < count; index++) {
    const name = `virsh-${index}`;
    const overlay = join(peer.imagesDirectory, `${name}.qcow2`);
    await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', overlay]);
    const file = join(peer.directory, `${name}.xml`);
    await writeFile(file, xml(name, overlay, base));
    create.push(await seconds('virsh', ['-c', peer.uri, 'create', file]));
    destroy.push(await seconds('virsh', ['-c', peer.uri, 'destroy', name]));
  }
  return { spawns: create, destroys: destroy };
}
