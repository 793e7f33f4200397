import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRelease } from '../src/release-file.mjs';

const folder = mkdtempSync(join(tmpdir(), 'release-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const integrity = `sha512-${createHash('sha512').update('bytes').digest('base64')}`;
const list = JSON.stringify([{ name: '@virt-drivers/core', version: '1.0.0', file: 'core.tgz', integrity }]);
const digest = createHash('sha256').update(list).digest('hex');
beforeEach(() => {
  writeFileSync(join(folder, 'core.tgz'), 'bytes');
  writeFileSync(join(folder, 'release.json'), list);
});

describe('what may be published', () => {
  it('is what was proven', () => {
    expect(readRelease(folder, digest)).toEqual([
      expect.objectContaining({ file: join(folder, 'core.tgz'), integrity }),
    ]);
  });

  it('is not another tarball', () => {
    writeFileSync(join(folder, 'core.tgz'), 'other bytes');
    expect(() => readRelease(folder, digest)).toThrow('was proven');
  });

  it('is not another list', () => {
    writeFileSync(join(folder, 'release.json'), list.replace('1.0.0', '1.0.1'));
    expect(() => readRelease(folder, digest)).toThrow('is not the one');
  });

  it('is nothing without a digest', () => {
    expect(() => readRelease(folder, undefined)).toThrow('is not the one');
  });
});
