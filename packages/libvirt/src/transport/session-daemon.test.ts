import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { parseUri } from '../uri.js';
import { socketPath } from './socket-path.js';
import { connectUnix } from './unix.js';

const signal = AbortSignal.timeout(10_000);
let directory: string;
let before: NodeJS.ProcessEnv;
beforeEach(async () => {
  before = { ...process.env };
  directory = await mkdtemp(join(tmpdir(), 'session-'));
  process.env['XDG_RUNTIME_DIR'] = directory;
  // root has no session daemon, and these tests may run as root.
  jest.spyOn(process, 'geteuid').mockReturnValue(1000);
});
afterEach(async () => {
  process.env = before;
  jest.restoreAllMocks();
  await rm(directory, { recursive: true });
});

/** Stands for libvirtd: a program whose last argument is --daemon. */
async function daemon(script: string): Promise<void> {
  process.env['LIBVIRTD_PATH'] = await program('daemon.cjs', script);
}

async function program(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `#!${process.execPath}\n${script}`);
  await chmod(path, 0o700);
  return path;
}

/** Leaves a child behind that listens, and ends with its first client or after five seconds. */
const GOOD = (path: string): string => `
if (process.argv.at(-1) === '--daemon') {
  const options = { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true };
  require('child_process').spawn(__filename, ['child'], options).once('message', () => process.exit(0));
} else {
  setTimeout(() => process.exit(), 5000);
  const server = require('net').createServer((socket) => socket.resume().once('close', () => process.exit()));
  server.listen(${JSON.stringify(path)}, () => process.send('listening', () => process.disconnect()));
}`;

it('starts the daemon of the user and connects to it', async () => {
  await daemon(GOOD(join(directory, 'libvirt/libvirt-sock')));
  const { stream } = await connectUnix(parseUri('qemu:///session'), false, signal);
  stream.destroy();
});

it('starts the modular daemon where that is what is installed', async () => {
  await program('virtqemud', GOOD(join(directory, 'libvirt/virtqemud-sock')));
  process.env['PATH'] = `relative:${directory}`;
  expect(socketPath(parseUri('qemu:///session'), false)).toBe(join(directory, 'libvirt/virtqemud-sock'));
  expect(socketPath(parseUri('lxc:///session'), false)).toBe(join(directory, 'libvirt/libvirt-sock'));
  const { stream } = await connectUnix(parseUri('qemu:///session'), false, signal);
  stream.destroy();
});

it('says so when the daemon cannot be started', async () => {
  await daemon('process.exit(3)');
  await expect(connectUnix(parseUri('qemu:///session'), false, signal)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('daemon.cjs'),
  });
  process.env['LIBVIRTD_PATH'] = '/nowhere/libvirtd';
  await expect(connectUnix(parseUri('qemu:///session'), false, signal)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
  });
});

it("starts none for root, whose daemon is the system's, nor where the environment forbids it", async () => {
  await daemon(GOOD(join(directory, 'libvirt/libvirt-sock')));
  process.env['LIBVIRT_AUTOSTART'] = '0';
  const refused = { code: 'CONNECT_FAILED', message: expect.stringContaining('ENOENT') };
  await expect(connectUnix(parseUri('qemu:///session'), false, signal)).rejects.toMatchObject(refused);
  delete process.env['LIBVIRT_AUTOSTART'];
  jest.spyOn(process, 'geteuid').mockReturnValue(0);
  expect(socketPath(parseUri('qemu:///session'), false)).toBe('/run/libvirt/libvirt-sock');
});

it('never starts the daemon of the system', async () => {
  await expect(
    connectUnix(parseUri(`qemu+unix:///system?socket=${directory}/none`), false, signal),
  ).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
});

it('looks for the sockets of modular daemons first', async () => {
  process.env['VIRTD_PATH'] = '/usr/sbin/libvirtd';
  expect(socketPath(parseUri('qemu:///session'), false)).toBe(join(directory, 'libvirt/libvirt-sock'));
  expect(socketPath(parseUri('qemu:///session?mode=direct'), false)).toBe(join(directory, 'libvirt/virtqemud-sock'));
  expect(socketPath(parseUri('test+unix:///default'), false)).toBe(join(directory, 'libvirt/libvirt-sock'));
  expect(socketPath(parseUri('xen:///system?mode=direct'), true)).toBe('/run/libvirt/virtxend-sock-ro');
  expect(socketPath(parseUri('lxc:///system?mode=legacy'), true)).toBe('/run/libvirt/libvirt-sock-ro');
});
