import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerPorts } from './peer-ports.js';

/** One `key = value` file of libvirt's; values are written as JSON, whose strings, numbers and lists it shares. */
export type Settings = Readonly<Record<string, string | number | readonly string[]>>;

export interface LibvirtConfiguration {
  readonly directory: string;
  readonly name: string;
  readonly ports: PeerPorts;
  /** Settings of libvirtd.conf beyond the local socket. */
  readonly daemon: Settings;
  /** Settings of qemu.conf beyond those below. */
  readonly guests: Settings;
  /** Settings of virtlogd.conf, whose defaults are good otherwise. */
  readonly logs: Settings;
}

/** Parents first. Debian's /var/lock is run/lock, where libvirt locks a terminal when a console is opened. */
const directories = [
  ...['etc', 'etc/qemu', 'lib', 'lib/qemu', 'lib/images', 'cache', 'cache/qemu', 'log', 'images'],
  ...['run', 'run/libvirt', 'run/lock', 'run/sshd'],
];

/** Writes what a libvirtd reads at start, and the directories it expects, below the peer's directory. */
export async function writeLibvirtConfiguration(configuration: LibvirtConfiguration): Promise<void> {
  const { directory, name, ports } = configuration;
  for (const path of directories) {
    await mkdir(join(directory, path));
    // Whatever the umask: the guests' account must get through, and nothing below is secret.
    await chmod(join(directory, path), 0o755);
  }
  const account = await qemuAccount();
  for (const path of ['lib/qemu', 'cache/qemu', 'images']) {
    await chmod(join(directory, path), 0o711);
    if (account) await chown(join(directory, path), account.uid, account.gid);
  }
  await writeFile(join(directory, 'hosts'), `127.0.0.1 localhost\n127.0.1.1 ${name}\n::1 localhost\n`);
  await writeSettings(join(directory, 'etc/libvirtd.conf'), {
    host_uuid: randomUUID(),
    auth_unix_rw: 'none',
    log_outputs: '2:file:/var/log/libvirt/libvirtd.log',
    ...configuration.daemon,
  });
  await writeSettings(join(directory, 'etc/qemu.conf'), {
    // Neither a foreign cgroup layout nor a host's AppArmor profile is part of what the tests are about.
    cgroup_controllers: [],
    security_driver: 'none',
    // The peer has its own mount namespace; one more per guest cannot take over a /dev/kvm that the peer hides.
    namespaces: [],
    remote_display_port_min: ports.display.min,
    remote_display_port_max: ports.display.max,
    remote_websocket_port_min: ports.websocket.min,
    remote_websocket_port_max: ports.websocket.max,
    migration_port_min: ports.migration.min,
    migration_port_max: ports.migration.max,
    ...configuration.guests,
  });
  await writeSettings(join(directory, 'etc/virtlogd.conf'), configuration.logs);
}

function writeSettings(file: string, settings: Settings): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return writeFile(file, lines.join(''));
}

/** Debian runs guests as libvirt-qemu; where that account does not exist they run as root. */
async function qemuAccount(): Promise<{ uid: number; gid: number } | undefined> {
  const entry = /^libvirt-qemu:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'));
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : undefined;
}
