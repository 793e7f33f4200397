import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { PeerUnavailable, requirePeer, startLibvirt } from '../src/index.js';

const unavailable = () => Promise.reject(new PeerUnavailable('sample peer', 'no reason', 'Do something.'));

describe('a peer that cannot be started', () => {
  const { CI, PATH, VIRT_SKIPS_FILE } = process.env;
  afterEach(() => {
    Object.assign(process.env, { PATH });
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
    if (VIRT_SKIPS_FILE === undefined) delete process.env.VIRT_SKIPS_FILE;
    else process.env.VIRT_SKIPS_FILE = VIRT_SKIPS_FILE;
  });

  it('is skipped with its reason, which is also noted for the end of the run', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'virt-skips-'));
    delete process.env.CI;
    process.env.VIRT_SKIPS_FILE = join(directory, 'skips');
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await requirePeer(unavailable)).toBeUndefined();
    expect(written.mock.calls).toEqual([['skipped: The sample peer is unavailable: no reason. Do something.\n']]);
    written.mockRestore();
    expect(await readFile(process.env.VIRT_SKIPS_FILE, 'utf8')).toBe(
      'The sample peer is unavailable: no reason. Do something.\n',
    );
    await rm(directory, { recursive: true });
  });

  it('is a failure in CI', async () => {
    process.env.CI = 'true';
    await expect(requirePeer(unavailable)).rejects.toThrow(PeerUnavailable);
  });

  it('another error is always a failure', async () => {
    delete process.env.CI;
    await expect(requirePeer(() => Promise.reject(new TypeError('mine')))).rejects.toThrow('mine');
  });

  it('names the missing programs', async () => {
    process.env.PATH = '/nonexistent';
    await expect(startLibvirt()).rejects.toThrow(/^The libvirt peer is unavailable: (not running as root|.*virsh)/);
  });
});
