#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import type { LibvirtPeer } from './libvirt-peer.js';
import { PeerUnavailable } from './peer-unavailable.js';
import { startLibvirt } from './start-libvirt.js';

const help = `Starts a throw-away libvirtd and removes it, its guests included, at the end.

  peers libvirt --keep               runs until Ctrl-C; prints the environment to use it with
  peers libvirt -- COMMAND [ARG…]    runs COMMAND with VIRT_TARGET and VIRT_TARGET_TEST set

Exit codes: that of COMMAND; 2 wrong usage; 69 the peer cannot run on this machine, with the reason.
`;

async function main(args: readonly string[]): Promise<number> {
  const separator = args.indexOf('--');
  const command = separator < 0 ? [] : args.slice(separator + 1);
  const { values, positionals } = parseArgs({
    args: separator < 0 ? [...args] : args.slice(0, separator),
    options: { keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return print(process.stdout, help, 0);
  if (positionals.join() !== 'libvirt' || Boolean(values.keep) === command.length > 0)
    return print(process.stderr, help, 2);

  const interrupted = interruption();
  const peer = await startLibvirt({ signal: interrupted });
  try {
    return command.length > 0 ? await run(command, peer) : await keep(peer, interrupted);
  } finally {
    await peer.stop();
  }
}

async function keep(peer: LibvirtPeer, interrupted: AbortSignal): Promise<number> {
  const variables = Object.entries(environment(peer)).map(([key, value]) => `export ${key}='${value}'\n`);
  process.stdout.write(variables.join(''));
  // Keeps the process alive, which a signal listener alone does not.
  const alive = setInterval(() => undefined, 1 << 30);
  if (!interrupted.aborted) await once(interrupted, 'abort');
  clearInterval(alive);
  return 0;
}

async function run([file = '', ...args]: readonly string[], peer: LibvirtPeer): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...environment(peer) } });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

function environment(peer: LibvirtPeer) {
  return { VIRT_TARGET: peer.uri, VIRT_TARGET_TEST: peer.testUri, VIRT_PEER_DIRECTORY: peer.directory };
}

/** Ctrl-C reaches a command by itself; here it must not end us before the peer is removed. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

function print(stream: NodeJS.WriteStream, text: string, code: number): number {
  stream.write(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof PeerUnavailable ? 69 : 2;
}
