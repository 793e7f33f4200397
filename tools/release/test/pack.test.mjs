import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestLeaks, packedManifest } from '../../ci/pack.mjs';

const packCheck = fileURLToPath(new URL('../../ci/pack-check.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pack-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sample(manifest) {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'index.js'), 'export const one = 1;\n');
  writeFileSync(join(folder, 'dist', 'index.d.ts'), 'export declare const one: number;\n');
  const whole = { name: '@virt-drivers/sample', version: '1.0.0', type: 'module', files: ['dist'], ...manifest };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
}
const exported = { types: './dist/index.d.ts', default: './dist/index.js' };

describe('a packed package', () => {
  it('is refused when npm left a workspace range in it', () => {
    sample({ exports: { '.': exported }, dependencies: { '@virt-drivers/core': 'workspace:^' } });
    spawnSync('npm', ['pack', '--ignore-scripts'], { cwd: folder, timeout: 60_000 });
    const text = packedManifest(join(folder, 'virt-drivers-sample-1.0.0.tgz'));
    expect(manifestLeaks(text)).toEqual(['workspace:']);
  }, 60_000);

  it('is refused by the command when it still has the source condition', () => {
    sample({ exports: { '.': { '@virt-drivers/source': './src/index.ts', ...exported } } });
    const { status, stderr } = spawnSync('node', [packCheck], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    expect(stderr).toContain('must not contain @virt-drivers/source');
    expect(status).toBe(1);
  }, 120_000);

  it('is refused by the command when it lacks the reports that `upgrade` compares', () => {
    sample({ exports: { '.': exported } });
    const { status, stderr } = spawnSync('node', [packCheck], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    expect(stderr).toContain('has no etc/*.api.md');
    expect(status).toBe(1);
  }, 120_000);

  it('is refused by the command when a workspace range is anywhere in it', () => {
    sample({ exports: { '.': exported }, virtDrivers: { testedWith: 'workspace:^' } });
    const { status, stderr } = spawnSync('node', [packCheck], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    expect(stderr).toContain('must not contain workspace:');
    expect(status).toBe(1);
  }, 120_000);
});
