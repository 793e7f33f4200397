#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { parseRequest, peersByName, type StartedPeer } from './command-line.js';
import { labImage } from './lab-image.js';
import { PeerUnavailable } from './peer-unavailable.js';
import { vcsimBuild, type VcsimVariant } from './vcsim-build.js';

const help = `Starts a throw-away peer and removes it, its guests included, at the end.

  peers libvirt --keep               runs until Ctrl-C; prints the environment to use it with
  peers libvirt -- COMMAND [ARG…]    runs COMMAND with VIRT_TARGET and VIRT_TARGET_TEST set
  peers vcsim --keep                 the same with a vCenter simulator
  peers vcsim -- COMMAND [ARG…]      runs COMMAND with GOVC_URL, GOVC_USERNAME, GOVC_PASSWORD … set
  peers vcsim --build                builds the simulators that this machine can build, for later
  peers lab --build                  builds the image of the lab machine, for later

Exit codes: that of COMMAND; 2 wrong usage; 69 the peer cannot run on this machine, with the reason.
`;

async function main(args: readonly string[]): Promise<number> {
  const request = parseRequest(args);
  if (!request) return print(process.stderr, help, 2);
  if (request.does === 'help') return print(process.stdout, help, 0);
  if (request.does === 'build') return request.what === 'lab' ? buildLab() : buildSimulators();

  const interrupted = interruption();
  const peer = await startPeer(request.peer, interrupted);
  try {
    return request.does === 'run' ? await run(request.command, peer) : await keep(peer, interrupted);
  } finally {
    await peer.stop();
  }
}

function startPeer(name: string, signal: AbortSignal): Promise<StartedPeer> {
  const start = peersByName[name];
  if (!start) throw new TypeError(`There is no peer '${name}'.`);
  return start(signal);
}

/** Both simulators, because what is proven must hold on both. Fails when there is none. */
async function buildSimulators(): Promise<number> {
  const variants: VcsimVariant[] = ['current', 'debian'];
  let missing = 0;
  for (const variant of variants) {
    try {
      const { version, vcsim } = await vcsimBuild(variant);
      print(process.stdout, `${version}: ${vcsim}\n`, 0);
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error;
      missing = print(process.stderr, `${error.message}\n`, missing + 1);
    }
  }
  return missing === variants.length ? 69 : 0;
}

async function buildLab(): Promise<number> {
  return print(process.stdout, `lab machine: ${(await labImage()).root}\n`, 0);
}

async function keep(peer: StartedPeer, interrupted: AbortSignal): Promise<number> {
  const variables = Object.entries(peer.environment).map(([key, value]) => `export ${key}='${value}'\n`);
  process.stdout.write(variables.join(''));
  // Keeps the process alive, which a signal listener alone does not.
  const alive = setInterval(() => undefined, 1 << 30);
  if (!interrupted.aborted) await once(interrupted, 'abort');
  clearInterval(alive);
  return 0;
}

async function run([file = '', ...args]: readonly string[], peer: StartedPeer): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...peer.environment } });
  await once(child, 'exit');
  return child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGKILL'];
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
