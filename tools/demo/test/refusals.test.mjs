import { execFile } from 'node:child_process';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { missingPrograms, PeerUnavailable, requirePeer } from '@virt-drivers/peers';
import { itWith } from '@virt-drivers/peers/jest';
import { createVirt } from '../virt.mjs';
import { endpoints, everything, NOTHING } from './endpoints.mjs';

const run = promisify(execFile);
const { all, stop } = await endpoints();
afterAll(stop);

const disk = ['--memory', '128M', '--no-start'];
// It makes the hostile images.
const hasQemuImg = await requirePeer(async () => {
  if (missingPrograms(['qemu-img']).length === 0) return true;
  throw new PeerUnavailable('qemu-img', 'it is not installed', 'Install the package qemu-utils.');
});

describe.each(all)('what is refused changes nothing ($name)', (place) => {
  const { virt, endpoint } = place;
  const file = (name) => join(endpoint.directory, name);
  const refused = async (code, exit, ...args) => {
    await expect(virt.run(...args)).rejects.toThrow(
      // Steps that were begun are told before, a line each.
      new RegExp(`ended with ${exit}: .*"code":"${code.replace('.', '\\.')}"`, 's'),
    );
    expect(await everything(place)).toEqual(NOTHING);
  };

  it('an image that is not there', () =>
    refused('IMAGE.NOT_FOUND', 3, 'spawn', 'x', '--image', file('none.raw'), ...disk));

  it('a wrong checksum', () =>
    refused(
      'IMAGE.CHECKSUM_MISMATCH',
      7,
      'spawn',
      'x',
      '--image',
      endpoint.image.path,
      '--format',
      endpoint.image.format,
      '--checksum',
      `sha256:${'0'.repeat(64)}`,
      ...disk,
    ));

  it('content that is not what was declared', async () => {
    await writeFile(file('lie.raw'), Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(1 << 20)]));
    await refused('IMAGE.FORMAT_MISMATCH', 7, 'spawn', 'x', '--image', file('lie.raw'), ...disk);
  });

  itWith('a qcow2 with a backing file', hasQemuImg, async () => {
    await writeFile(file('canary.raw'), 'canary'.repeat(1000));
    await run('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      file('canary.raw'),
      '-F',
      'raw',
      file('backed.qcow2'),
      '1M',
    ]);
    await refused('IMAGE.UNSAFE', 7, 'spawn', 'x', '--image', file('backed.qcow2'), ...disk);
  });

  itWith('a qcow2 with an external data file', hasQemuImg, async () => {
    await run('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      `data_file=${file('data.raw')}`,
      file('external.qcow2'),
      '1M',
    ]);
    await refused('IMAGE.UNSAFE', 7, 'spawn', 'x', '--image', file('external.qcow2'), ...disk);
  });

  it('an unknown pool', () => refused('POOL.NOT_FOUND', 3, 'spawn', 'x', '--disk', '1M', '--pool', 'nowhere', ...disk));

  it('a machine that is not there', () => refused('MACHINE.NOT_FOUND', 3, 'start', 'nobody'));

  it('a name with a control character', () =>
    refused('REQUEST.INVALID', 2, 'spawn', 'a\u0007b', '--disk', '1M', ...disk));

  it('a volume name that is a path', () => refused('REQUEST.INVALID', 2, 'volume', 'create', '../../etc/x', '1M'));

  it('an unknown flag', async () => {
    await expect(virt.run('list', '--nonsense')).rejects.toThrow(/ended with 2: .*unknown option '--nonsense'/);
  });

  it('hostile text is stored and shown exactly', async () => {
    const name = `<a b='"&amp;]]>--> 日本 🦉 ../../x`;
    const description = `"'<!-- & \n\t${name}`;
    await virt.run('spawn', name, '--disk', '1M', '--description', description, '--meta', `key=${name}`, ...disk);
    const [machine] = await virt.run('list');
    expect(machine).toMatchObject({ name, description });
    await virt.run('destroy', machine.instanceId);
    expect(await everything(place)).toEqual(NOTHING);
  });
});

describe('an endpoint that cannot be had', () => {
  const [{ endpoint }] = all;
  const at = (target, driver = 'libvirt') => createVirt({ ...endpoint, driver, target });

  it('a daemon that does not run', async () => {
    await expect(at(`qemu+unix:///system?socket=${join(endpoint.directory, 'no-socket')}`).run('list')).rejects.toThrow(
      /ended with 5: .*HOST\.UNREACHABLE/,
    );
  });

  const [, real] = all;
  itWith('a socket that this account may not use', real, async () => {
    const socket = new URL(real.endpoint.target.replace('qemu+unix:', 'http://x')).searchParams.get('socket');
    const { mode } = await stat(socket);
    await chmod(socket, 0o600);
    try {
      const program = fileURLToPath(new URL('without-permission.mjs', import.meta.url));
      const { stdout } = await run(process.execPath, [program, real.endpoint.target]);
      expect(JSON.parse(stdout)).toMatchObject({ code: 'ACCESS.DENIED', stateAfter: 'unchanged' });
      expect(JSON.parse(stdout).message).toMatch(/group|polkit/);
    } finally {
      await chmod(socket, mode);
    }
  });

  it('a target that is no URI', async () => {
    await expect(at('nonsense').run('list')).rejects.toThrow(/ended with 2: .*REQUEST\.INVALID/);
  });

  it('a driver that is not installed', async () => {
    await expect(at('x://y', 'nonesuch').run('list')).rejects.toThrow(
      /ended with 3: .*npm install @virt-drivers\/driver-nonesuch/,
    );
  });

  it('a driver option that nobody knows', async () => {
    await expect(at(endpoint.target, 'memory').run('--option', 'nonsense=1', 'list')).rejects.toThrow(
      /ended with 2: .*REQUEST\.INVALID/,
    );
  });
});
