import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { labImage } from './lab-image.js';
import { logTail } from './log-tail.js';
import type { NamespaceHost } from './namespace-host.js';
import { portsOf } from './peer-ports.js';
import { requirePrerequisites } from './prerequisites.js';
import { runCommand } from './run-command.js';
import { ownSlot } from './slot-owner.js';
import { sshEndpoint, type SshEndpoint } from './ssh-endpoint.js';

export interface LabMachineOptions {
  /** Bytes of each blank disk: `/dev/vdb`, `/dev/vdc` … in the machine. One of 4 GiB when left out. */
  readonly disks?: readonly number[];
  /** Memory in MiB; 1536. */
  readonly memoryMiB?: number;
  /** Ports in the machine to be reached from here, beside those of ssh and libvirtd; twenty at most. */
  readonly ports?: readonly number[];
  /** Milliseconds until a start that has not succeeded fails, with the end of its console in the error; 300 000. */
  readonly deadlineMs?: number;
}

/** A machine with a kernel of its own, whose LVM, multipath and iSCSI are real, and libvirtd with QEMU in it. */
export interface LabMachine extends AsyncDisposable {
  /** `qemu+tcp://127.0.0.1:PORT/system`: the libvirtd inside. */
  readonly uri: string;
  readonly ssh: SshEndpoint;
  /** Runs a script of its bash as root and resolves with its standard output; rejects when it fails. */
  exec(script: string, options?: { readonly timeoutMs?: number }): Promise<string>;
  /** Where a port of `ports` is reached, on 127.0.0.1. */
  portOf(inside: number): number;
  /** The end of what it said on its console. */
  logTail(): Promise<string>;
  /** Ends the machine and removes its disks. May be called twice. */
  stop(): Promise<void>;
}

const programs = ['unshare', 'bash', 'qemu-system-x86_64', 'qemu-img', 'ssh', 'ssh-keygen'];
const MOST_PORTS = 20;

/**
 * Starts a machine: 15 seconds without hardware help, and a minute more the first time, when its image is built.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startLabMachine(options: LabMachineOptions = {}): Promise<LabMachine> {
  const { ports: wanted = [], deadlineMs = 300_000 } = options;
  if (wanted.length > MOST_PORTS)
    throw new RangeError(`A lab machine shows ${MOST_PORTS} ports, not ${wanted.length}.`);
  const propagation = await requirePrerequisites('lab machine', programs);
  const image = await labImage();
  const { number, directory, run, stop } = await ownSlot();
  const log = join(directory, 'console.log');
  try {
    const ports = portsOf(number);
    const ssh = await sshEndpoint(directory, ports.ssh);
    const forwarded = new Map([[16509, ports.tcp], [22, ports.ssh], ...wanted.map(from(ports.migration.min))]);
    const disks = await makeDisks(directory, image.root, options.disks ?? [4 * 1024 ** 3]);
    await writeFile(log, '');
    const host = await run(
      'lab-host.sh',
      [directory, ...machineArguments({ ...image, disks, forwarded, directory, memoryMiB: options.memoryMiB ?? 1536 })],
      { propagation },
    );
    const machine: LabMachine = {
      uri: `qemu+tcp://127.0.0.1:${ports.tcp}/system`,
      ssh,
      exec: (script, { timeoutMs = 300_000 } = {}) => execute(ssh, script, timeoutMs),
      portOf(inside) {
        const port = forwarded.get(inside);
        if (port === undefined) throw new RangeError(`Port ${inside} of the lab machine was not asked for.`);
        return port;
      },
      logTail: () => logTail([log]),
      stop,
      [Symbol.asyncDispose]: stop,
    };
    await ready(host, log, deadlineMs);
    // Its libvirtd asks QEMU once what it can, which takes seconds that the first client would not wait.
    await machine.exec('for ask in capabilities domcapabilities version; do virsh -q $ask >/dev/null; done');
    return machine;
  } catch (error) {
    const tail = await logTail([join(directory, 'qemu.out'), log]);
    await stop();
    throw tail === '' ? error : new Error(`The lab machine did not start: ${tail}`, { cause: error });
  }
}

const from =
  (first: number) =>
  (inside: number, index: number): [number, number] => [inside, first + index];

/** The root's overlay first, then the blank ones. */
async function makeDisks(directory: string, root: string, sizes: readonly number[]): Promise<readonly string[]> {
  const overlay = join(directory, 'root.qcow2');
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', root, overlay]);
  const blank = sizes.map((_, index) => join(directory, `disk${index}.raw`));
  for (const [index, file] of blank.entries()) {
    await writeFile(file, '');
    await truncate(file, sizes[index]);
  }
  return [overlay, ...blank];
}

interface Plan {
  readonly kernel: string;
  readonly initrd: string;
  readonly disks: readonly string[];
  readonly forwarded: ReadonlyMap<number, number>;
  readonly directory: string;
  readonly memoryMiB: number;
}

function machineArguments({ kernel, initrd, disks, forwarded, directory, memoryMiB }: Plan): readonly string[] {
  const network = [...forwarded].map(([inside, outside]) => `,hostfwd=tcp:127.0.0.1:${outside}-:${inside}`);
  return [
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2'],
    ...['-m', String(memoryMiB), '-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'],
    ...['-serial', `file:${join(directory, 'console.log')}`, '-device', 'virtio-rng-pci'],
    ...['-netdev', `user,id=net,restrict=on${network.join('')}`, '-device', 'virtio-net-pci,netdev=net'],
    ...['host_key', 'authorized_keys'].flatMap((name) => [
      '-fw_cfg',
      `name=opt/lab/${name},file=${join(directory, 'ssh', name)}`,
    ]),
    ...disks.flatMap((file, index) => [
      '-drive',
      `file=${file},format=${index === 0 ? 'qcow2' : 'raw'},if=virtio,cache=unsafe,discard=unmap`,
    ]),
  ];
}

/** Resolves when the machine says so on its console; rejects when QEMU ends before. */
async function ready(host: NamespaceHost, log: string, deadlineMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const settled = new AbortController();
  const ended = host.nextLine(/^exited/, AbortSignal.any([deadline, settled.signal]));
  ended.catch(() => undefined);
  try {
    await Promise.race([
      ended.then((line) => Promise.reject(new Error(`QEMU ${line}.`))),
      saysReady(log, AbortSignal.any([deadline, settled.signal])),
    ]);
  } finally {
    settled.abort(new Error('Nobody waits any more.'));
  }
}

async function saysReady(log: string, signal: AbortSignal): Promise<void> {
  // A file that QEMU appends to; watching it costs more than looking at it.
  while (!(await readFile(log, 'latin1')).includes('lab machine: ready')) await pause(200, undefined, { signal });
}

async function execute({ host, port, identityFile, knownHostsFile }: SshEndpoint, script: string, timeoutMs: number) {
  // One connection for all scripts: a new one takes the machine a second or two. It ends with the machine.
  const shared = ['-o', 'ControlMaster=auto', '-o', `ControlPath=${identityFile}.sock`, '-o', 'ControlPersist=yes'];
  const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'ConnectTimeout=30'];
  const trust = ['-o', `UserKnownHostsFile=${knownHostsFile}`, '-i', identityFile, '-p', String(port)];
  const target = [`root@${host}`, 'bash -euo pipefail'];
  return (await runCommand('ssh', [...options, ...shared, ...trust, ...target], { input: script, timeoutMs })).stdout;
}
