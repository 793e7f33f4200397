import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requirePeer, runCommand, startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';
import { guestImage } from '../src/index.js';
import { consoleLog, type ConsoleLog } from './console-log.js';
import { describeWith } from '@virt-drivers/peers/jest';

const password = 'never on a console';
const metadata = JSON.stringify({
  uuid: '6f1c1d9e-52f6-4b0e-9d0c-3a5d1f8f7a01',
  hostname: 'box.example',
  name: 'box',
  admin_pass: password,
});

const image = await requirePeer(() => guestImage());
const peer = image && (await requirePeer(() => startLibvirt()));
afterAll(() => peer?.stop());

async function upload(to: LibvirtPeer, volume: string, format: string, file: string): Promise<void> {
  await to.virsh(['vol-create-as', 'default', volume, '1M', '--format', format]);
  await to.virsh(['vol-upload', volume, file, '--pool', 'default']);
}

async function makeConfigDrive(directory: string): Promise<string> {
  const latest = join(directory, 'config/openstack/latest');
  await mkdir(latest, { recursive: true });
  await writeFile(join(latest, 'meta_data.json'), metadata);
  const file = join(directory, 'config.iso');
  const label = ['-V', 'config-2', '-r', '-J'];
  await runCommand('xorriso', ['-as', 'mkisofs', '-quiet', ...label, '-o', file, join(directory, 'config')]);
  return file;
}

describeWith('the guest, booted by libvirt', peer, (peer) => {
  const host = peer as LibvirtPeer;
  let said: ConsoleLog;

  beforeAll(async () => {
    said = consoleLog(join(host.directory, 'log/console.log'), 60_000);
    await upload(host, 'root.qcow2', 'qcow2', image?.qcow2 ?? '');
    await upload(host, 'config.iso', 'raw', await makeConfigDrive(host.directory));
    await host.virsh(['define', fileURLToPath(new URL('machine.xml', import.meta.url))]);
    await host.virsh(['start', 'guest']);
  });

  it('reads its metadata, keeps the password to itself and becomes ready', async () => {
    expect((await said.next(/GUEST: boots (\d+)\r/))[1]).toBe('1');
    await said.next(/GUEST: config-drive \/dev\/sr0 type=iso9660 files=meta_data\.json\r/);
    await said.next(/GUEST: metadata uuid=6f1c1d9e-52f6-4b0e-9d0c-3a5d1f8f7a01 hostname=box\.example name=box\r/);
    const checksum = createHash('sha256').update(metadata).digest('hex');
    await said.next(new RegExp(`GUEST: metadata sha256=${checksum} keys=admin_pass,hostname,name,uuid\r`));
    await said.next(/GUEST: has disk:vda bytes=51380224 ro=0 serial=root-1\r/);
    await said.next(/GUEST: has system uuid=6f1c1d9e-52f6-4b0e-9d0c-3a5d1f8f7a01 firmware=bios/);
    await said.next(/GUEST: ready uptime=[\d.]+\r/);
    await said.next(/box\.example login: /);
    expect(await said.text()).not.toContain(password);
  });

  it('sees a disk come and go', async () => {
    await host.virsh(['vol-create-as', 'default', 'data.raw', '8M', '--format', 'raw']);
    const disk = [join(host.imagesDirectory, 'data.raw'), 'vdb', '--targetbus', 'virtio', '--serial', 'data-1'];
    await host.virsh(['attach-disk', 'guest', ...disk, '--driver', 'qemu', '--subdriver', 'raw', '--live']);
    await said.next(/GUEST: came disk:vdb bytes=8388608 ro=0 serial=data-1\r/);
    await host.virsh(['detach-disk', 'guest', 'vdb', '--live']);
    await said.next(/GUEST: gone disk:vdb bytes=8388608/);
  });

  it('answers as guest agent and takes a new password from it', async () => {
    const answer = await host.virsh(['qemu-agent-command', 'guest', '{"execute":"guest-get-host-name"}']);
    expect(JSON.parse(answer)).toEqual({ return: { 'host-name': 'box.example' } });
    await host.virsh(['set-user-password', 'guest', 'root', 'another one']);
  });

  it('ticks while it runs', async () => {
    await said.next(/GUEST: tick \d+ uptime=[\d.]+\r/);
  });

  it('reboots, keeping what it wrote, and obeys the power button', async () => {
    await host.virsh(['reboot', 'guest', '--mode', 'agent']);
    expect((await said.next(/GUEST: boots (\d+)\r/))[1]).toBe('2');
    await said.next(/GUEST: ready/);
    await host.virsh(['shutdown', 'guest', '--mode', 'acpi']);
    await said.next(/GUEST: power-button\r/);
    await host.machineEnded('guest');
    expect(await host.virsh(['domstate', 'guest', '--reason'])).toContain('shut off (shutdown)');
  });
});
