import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeIso } from '../src/iso9660/write-iso.js';
import { findTool } from '@virt-drivers/image-corpus';

const tools = {
  isoinfo: findTool('isoinfo', 'genisoimage'),
  xorriso: findTool('xorriso', 'xorriso'),
  bsdtar: findTool('bsdtar', 'libarchive-tools'),
  blkid: findTool('blkid', 'util-linux'),
};
const files = [
  { path: 'openstack/latest/meta_data.json', content: Buffer.from('{"uuid":"1"}') },
  { path: 'openstack/latest/user_data', content: Buffer.from('#!/bin/sh\n') },
  { path: 'openstack/2018-08-27/meta_data.json', content: Buffer.from('{"uuid":"1"}') },
  { path: 'openstack/content/0000', content: Buffer.alloc(5_000, 'c') },
  { path: 'openstack/content/0001', content: Buffer.alloc(0) },
  // More records than one sector of a directory holds.
  ...Array.from({ length: 60 }, (_, index) => ({
    path: `many/file-with-a-long-name-${index}`,
    content: Buffer.from(`${index}`),
  })),
];
const label = { volumeId: 'config-2', createdAt: new Date('2024-05-06T07:08:09Z') };

describe('discs read by programs that we did not write', () => {
  let directory = '';
  let disc = '';
  const run = (tool: string | undefined, ...args: string[]): string =>
    execFileSync(tool ?? '', args, { encoding: 'utf8', stdio: 'pipe' });
  // `findTool` has printed why it is missing; with CI=true it threw instead.
  const withTool = (tool: string | undefined) => (tool ? test : test.skip);

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'compute-iso-'));
    disc = join(directory, 'disc.iso');
    writeFileSync(disc, writeIso(files, label));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const extracted = (name: string, ...options: string[]): void => {
    const target = join(directory, name);
    mkdirSync(target);
    run(tools.bsdtar, '-x', '-f', disc, '-C', target, ...options);
    for (const { path, content } of files) expect(readFileSync(join(target, path))).toEqual(Buffer.from(content));
  };

  withTool(tools.bsdtar)('libarchive reads every file by Rock Ridge', () =>
    extracted('rock-ridge', '--options', 'iso9660:!joliet'),
  );
  withTool(tools.bsdtar)('libarchive reads every file by Joliet', () =>
    extracted('joliet', '--options', 'iso9660:!rockridge'),
  );
  withTool(tools.isoinfo)('isoinfo lists the same names three ways', () => {
    expect(run(tools.isoinfo, '-i', disc, '-R', '-f').split('\n')).toContain('/openstack/latest/meta_data.json');
    expect(run(tools.isoinfo, '-i', disc, '-J', '-f').split('\n')).toContain('/openstack/latest/meta_data.json');
    expect(run(tools.isoinfo, '-i', disc, '-f').split('\n')).toContain('/OPENSTACK/LATEST/META_DATA.JSON;1');
    expect(run(tools.isoinfo, '-d', '-i', disc)).toMatch(/Volume id: config-2/);
  });
  withTool(tools.xorriso)('xorriso accepts it without a warning', () => {
    const report = execFileSync(
      tools.xorriso ?? '',
      ['-abort_on', 'WARNING', '-report_about', 'WARNING', '-indev', disc, '-find', '/', '-exec', 'lsdl'],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
    expect(report).toMatch(/-r--------\s.*'\/openstack\/latest\/user_data'/);
  });
  withTool(tools.blkid)('blkid finds the label that guests look for', () => {
    expect(run(tools.blkid, '-p', '-o', 'export', disc)).toMatch(/^LABEL=config-2$/m);
  });

  test('the same files give the same bytes, in any order', () => {
    expect(Buffer.from(writeIso([...files].reverse(), label)).equals(readFileSync(disc))).toBe(true);
  });

  test('equal contents share their place', () => {
    const once = writeIso([{ path: 'a', content: Buffer.alloc(100_000) }], label);
    const twice = writeIso(
      ['a', 'b'].map((path) => ({ path, content: Buffer.alloc(100_000) })),
      label,
    );
    expect(twice.byteLength).toBe(once.byteLength);
  });

  test.each(['../a', 'a/../b', '/a', 'a//b', 'a\0', 'ä', 'a;b', '', 'x'.repeat(65), 'a/b/c/d/e/f/g/h'])(
    'refuses the path %j',
    (path) => {
      expect(() => writeIso([{ path, content: Buffer.alloc(0) }], label)).toThrow(
        expect.objectContaining({ code: 'REQUEST.INVALID' }),
      );
    },
  );

  test.each([[['a', 'a']], [['a', 'a/b']], [['a-b', 'a_b']]])('refuses the paths %j together', (paths) => {
    expect(() =>
      writeIso(
        paths.map((path) => ({ path, content: Buffer.alloc(0) })),
        label,
      ),
    ).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });
});
