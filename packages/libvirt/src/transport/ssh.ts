import { spawn } from 'node:child_process';
import type { LibvirtUri } from '../uri.js';
import { childStream } from './child-stream.js';
import { connected } from './connected.js';
import { transportOver, type Transport } from './transport.js';

/**
 * Run by the remote user's shell: libvirt's helper, which finds the right socket there, or netcat on hosts without it.
 * The arguments come quoted, behind the script.
 */
const HELPER_OR_NETCAT =
  'if command -v virt-ssh-helper >/dev/null 2>&1; then exec virt-ssh-helper $1 "$2"; else exec "$3" -U "$4"; fi';
const HELPER = 'exec virt-ssh-helper $1 "$2"';
const NETCAT = 'exec "$3" -U "$4"';

/** Runs the `ssh` program, with all that its own configuration says. `?command=` names another one. */
export async function connectSsh(uri: LibvirtUri, readOnly: boolean, signal: AbortSignal): Promise<Transport> {
  const child = spawn(uri.parameters.get('command') ?? 'ssh', sshArguments(uri, readOnly), {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stream = childStream(child, 'ssh');
  await connected(stream, 'spawn', `${uri.host} by ssh`, signal);
  return transportOver(stream);
}

export function sshArguments(uri: LibvirtUri, readOnly: boolean): string[] {
  const option = (name: string): string | undefined => uri.parameters.get(name);
  return [
    '-T',
    '-e',
    'none',
    ...(uri.port === undefined ? [] : ['-p', String(uri.port)]),
    ...(uri.user === '' ? [] : ['-l', uri.user]),
    ...(option('keyfile') === undefined ? [] : ['-i', option('keyfile') ?? '']),
    ...(option('known_hosts') === undefined ? [] : ['-o', `UserKnownHostsFile=${option('known_hosts') ?? ''}`]),
    ...(option('no_verify') === '1' ? ['-o', 'StrictHostKeyChecking=no'] : []),
    // Nobody can be asked here, unless ssh itself has a terminal and the URI does not forbid it.
    ...(option('no_tty') === '1' || !process.stdin.isTTY ? ['-o', 'BatchMode=yes'] : []),
    '--',
    uri.host,
    remoteCommand(uri, readOnly),
  ];
}

function remoteCommand(uri: LibvirtUri, readOnly: boolean): string {
  const script = { auto: HELPER_OR_NETCAT, native: HELPER, netcat: NETCAT }[proxyOf(uri)];
  const usual = readOnly ? '/run/libvirt/libvirt-sock-ro' : '/run/libvirt/libvirt-sock';
  const socket = uri.parameters.get('socket') ?? usual;
  const words = [readOnly ? '-r' : '', uri.daemonUri ?? '', uri.parameters.get('netcat') ?? 'nc', socket];
  return ['sh', '-c', quote(script), 'libvirt', ...words.map(quote)].join(' ');
}

function proxyOf(uri: LibvirtUri): 'auto' | 'native' | 'netcat' {
  const given = uri.parameters.get('proxy');
  if (given === 'auto' || given === 'native' || given === 'netcat') return given;
  // A named socket or netcat is something that the helper cannot be told.
  if (uri.parameters.has('socket') || uri.parameters.has('netcat')) return 'netcat';
  // Only the helper knows where a user's daemon listens; netcat would reach the system's.
  return uri.session ? 'native' : 'auto';
}

/** One word for a POSIX shell: ssh hands its command line to one on the other side. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
