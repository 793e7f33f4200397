import { isDriverError } from '@virt-drivers/core';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentSettings, parseSettings } from './parse-settings.js';
import { readSettingsFile } from './settings-file.js';
import { mergeSettings } from './settings.js';

const base = { driver: 'memory', target: 'memory://' };

describe('mergeSettings', () => {
  it('lets later sources win', () => {
    const file = { driver: 'libvirt', target: 'qemu:///system', options: { a: '1', b: '1' } };
    const merged = mergeSettings(base, [file, { output: 'json' }, { target: 'test:///default', options: { b: '2' } }]);
    expect(merged).toMatchObject({
      driver: 'libvirt',
      target: 'test:///default',
      output: 'json',
      options: { a: '1', b: '2' },
    });
  });

  it("does not use one driver's target for another", () => {
    const merged = mergeSettings(base, [{ driver: 'libvirt', target: 'qemu:///system' }, { driver: 'vmware' }]);
    expect(merged).toMatchObject({ driver: 'vmware', target: '' });
  });

  it('does not let an absent flag hide a setting', () => {
    expect(mergeSettings(base, [{ pool: 'fast' }, { pool: undefined }])).toMatchObject({ pool: 'fast' });
  });
});

describe('parseSettings', () => {
  it.each([
    [{ colour: 'red' }],
    [{ output: 'xml' }],
    [{ timeoutSeconds: 0 }],
    [{ driver: 7 }],
    [{ options: 'a=1' }],
    [[]],
  ])('refuses %j and names the source', (content) => {
    expect(() => parseSettings(content, 'File x')).toThrow(/^File x: /);
  });

  it('reads the environment', () => {
    expect(environmentSettings({ VIRT_TARGET: 'memory://', VIRT_TIMEOUT: '5' })).toEqual({
      target: 'memory://',
      timeoutSeconds: 5,
    });
    expect(() => environmentSettings({ VIRT_TIMEOUT: 'soon' })).toThrow(/timeoutSeconds/);
  });
});

describe('readSettingsFile', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'virt-settings-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('reads YAML', async () => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, 'driver: libvirt\ntarget: qemu:///system\n');
    await expect(readSettingsFile({ VIRT_CONFIG: path })).resolves.toEqual({
      driver: 'libvirt',
      target: 'qemu:///system',
    });
  });

  it('takes a missing default file as empty, a missing named one as a mistake', async () => {
    await expect(readSettingsFile({ XDG_CONFIG_HOME: directory })).resolves.toEqual({});
    const error = await readSettingsFile({ VIRT_CONFIG: join(directory, 'none.yaml') }).catch((e: unknown) => e);
    expect(isDriverError(error, 'REQUEST.INVALID')).toBe(true);
  });

  it('refuses broken YAML', async () => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, 'driver: [');
    await expect(readSettingsFile({ VIRT_CONFIG: path })).rejects.toThrow(/not valid YAML/);
  });
});
