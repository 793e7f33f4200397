import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeIso } from '../src/iso9660/write-iso.js';
import { describeWithTools, findTool } from '@virt-drivers/image-corpus';

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
  const run = (tool: string, ...args: string[]): string =>
    execFileSync(tool, args, { encoding: 'utf8', stdio: 'pipe' });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'compute-iso-'));
    disc = join(directory, 'disc.iso');
    writeFileSync(disc, writeIso(files, label));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describeWithTools('libarchive', { bsdtar: tools.bsdtar }, ({ bsdtar }) => {
    test.each([
      ['Rock Ridge', 'joliet'],
      ['Joliet', 'rockridge'],
    ])('reads every file by %s', (name, without) => {
      const target = join(directory, name);
      mkdirSync(target);
      run(bsdtar, '-x', '-f', disc, '-C', target, '--options', `iso9660:!${without}`);
      for (const { path, content } of files) expect(readFileSync(join(target, path))).toEqual(Buffer.from(content));
    });
  });
  describeWithTools('isoinfo', { isoinfo: tools.isoinfo }, ({ isoinfo }) => {
    test('lists the same names three ways', () => {
      expect(run(isoinfo, '-i', disc, '-R', '-f').split('\n')).toContain('/openstack/latest/meta_data.json');
      expect(run(isoinfo, '-i', disc, '-J', '-f').split('\n')).toContain('/openstack/latest/meta_data.json');
      expect(run(isoinfo, '-i', disc, '-f').split('\n')).toContain('/OPENSTACK/LATEST/META_DATA.JSON;1');
      expect(run(isoinfo, '-d', '-i', disc)).toMatch(/Volume id: config-2/);
    });
  });
  describeWithTools('xorriso', { xorriso: tools.xorriso }, ({ xorriso }) => {
    test('accepts it without a warning', () => {
      const strictly = ['-abort_on', 'WARNING', '-report_about', 'WARNING'];
      const report = run(xorriso, ...strictly, '-indev', disc, '-find', '/', '-exec', 'lsdl');
      expect(report).toMatch(/-r--------\s.*'\/openstack\/latest\/user_data'/);
    });
  });
  describeWithTools('blkid', { blkid: tools.blkid }, ({ blkid }) => {
    test('finds the label that guests look for', () => {
      expect(run(blkid, '-p', '-o', 'export', disc)).toMatch(/^LABEL=config-2$/m);
    });
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
