import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, scratchWorkspace } from '../../ci/scratch.mjs';
import { environment } from '../../setup/steps.mjs';

let scratch;
beforeAll(() => {
  scratch = scratchWorkspace();
  const folder = join(scratch.folder, '.changeset');
  for (const file of readdirSync(folder)) if (file.endsWith('.md')) rmSync(join(folder, file));
  mkdirSync(folder, { recursive: true });
}, 120_000);
afterAll(() => scratch?.close());

const read = (path) => readFileSync(join(scratch.folder, path), 'utf8');
const manifest = (name) => JSON.parse(read(`packages/${name}/package.json`));

it('a minor of core is a release of core alone, with its changelog', () => {
  const before = manifest('core').version.split('.').map(Number);
  const drivers = ['driver-memory', 'driver-libvirt'].map(manifest);
  writeFileSync(join(scratch.folder, '.changeset', 'sample.md'), "---\n'@virt-drivers/core': minor\n---\n\nMore.\n");
  commitAll(scratch.folder, 'a changeset');
  execFileSync('changeset', ['version'], { cwd: scratch.folder, env: environment(), timeout: 60_000 });
  const { version } = manifest('core');
  expect(version).toBe(`${before[0]}.${before[1] + 1}.0`);
  expect(read('packages/core/CHANGELOG.md')).toContain(`## ${version}`);
  expect(existsSync(join(scratch.folder, '.changeset', 'sample.md'))).toBe(false);
  expect(['driver-memory', 'driver-libvirt'].map(manifest)).toEqual(drivers);
}, 120_000);
