export { startLibvirt, type LibvirtOptions } from './start-libvirt.js';
export type { LibvirtPeer } from './libvirt-peer.js';
export type { PeerProcess } from './namespace-processes.js';
export { PeerUnavailable } from './peer-unavailable.js';
export { missingPrograms } from './prerequisites.js';
export { requirePeer } from './require-peer.js';
export { CommandFailed, runCommand, type CommandOutput, type RunOptions } from './run-command.js';
