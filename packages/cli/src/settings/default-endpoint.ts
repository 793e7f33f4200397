import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Sockets whose presence says that a hypervisor is managed on this machine, with the driver and target for each. */
const LOCAL = [
  { socket: '/run/libvirt/virtqemud-sock', driver: 'libvirt', target: 'qemu:///system' },
  { socket: '/run/libvirt/libvirt-sock', driver: 'libvirt', target: 'qemu:///system' },
] as const;

const canUse = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );

/**
 * What a command talks to when nobody said: the hypervisor of this machine if its socket is there and may be used, else
 * the embedded driver with a world kept in the user's state directory.
 */
export async function defaultEndpoint(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ driver: string; target: string }> {
  for (const { socket, driver, target } of LOCAL) if (await canUse(socket)) return { driver, target };
  const state = env['XDG_STATE_HOME'] ?? join(env['HOME'] || homedir(), '.local', 'state');
  const world = pathToFileURL(join(state, 'virt-drivers', 'memory.json')).pathname;
  return { driver: 'memory', target: `memory://${world}` };
}
