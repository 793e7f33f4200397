import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicProjects } from '../../ci/projects.mjs';
import { commitAll, scratchWorkspace } from '../../ci/scratch.mjs';
import { environment } from '../../setup/steps.mjs';

let scratch;
let base;
beforeAll(() => {
  scratch = scratchWorkspace();
  const folder = join(scratch.folder, '.changeset');
  for (const file of readdirSync(folder)) if (file.endsWith('.md')) rmSync(join(folder, file));
  mkdirSync(folder, { recursive: true });
  // What was never released is no matter here.
  for (const { folder: path } of publicProjects())
    writeFileSync(join(scratch.folder, path, 'CHANGELOG.md'), '# Changes\n');
  base = commitAll(scratch.folder, 'nothing pending');
}, 120_000);
afterAll(() => scratch?.close());

const read = (path) => readFileSync(join(scratch.folder, path), 'utf8');
const manifest = (name) => JSON.parse(read(`packages/${name}/package.json`));

const numbers = (name) => manifest(name).version.split('.').map(Number);
const release = (name, bump) => {
  writeFileSync(
    join(scratch.folder, '.changeset', 'sample.md'),
    `---\n'@virt-drivers/${name}': ${bump}\n---\n\nMore.\n`,
  );
  commitAll(scratch.folder, 'a changeset');
  const options = { cwd: scratch.folder, env: environment(), timeout: 60_000 };
  execFileSync('node', ['tools/release/version.mjs'], options);
  expect(existsSync(join(scratch.folder, '.changeset', 'sample.md'))).toBe(false);
};
function check() {
  const options = { cwd: scratch.folder, encoding: 'utf8', timeout: 60_000 };
  return spawnSync('node', ['tools/release/check.mjs', '--base', base], options);
}

it('a minor of core is a release of core alone, with its changelog', () => {
  const [major, minor] = numbers('core');
  const drivers = ['driver-memory', 'driver-libvirt'].map(manifest);
  release('core', 'minor');
  const { version } = manifest('core');
  expect(version).toBe(`${major}.${minor + 1}.0`);
  expect(read('packages/core/CHANGELOG.md')).toContain(`## ${version}`);
  expect(read('packages/core/src/loader/core-version.ts')).toContain(`CORE_VERSION = '${version}'`);
  expect(['driver-memory', 'driver-libvirt'].map(manifest)).toEqual(drivers);
}, 120_000);

describe('a patch of a driver', () => {
  let version;
  beforeAll(() => {
    const [major, minor, patch] = numbers('driver-libvirt');
    version = `${major}.${minor}.${patch + 1}`;
    release('driver-libvirt', 'patch');
  }, 120_000);

  it('is told by its code, its API report and the page', () => {
    expect(manifest('driver-libvirt').version).toBe(version);
    expect(read('packages/driver-libvirt/src/driver.ts')).toContain(`version: '${version}'`);
    expect(read('packages/driver-libvirt/etc/driver-libvirt.api.md')).toContain(`readonly version: "${version}"`);
    expect(read('docs/compatibility.md')).toContain(`\`@virt-drivers/driver-libvirt\` | ${version} |`);
  });

  it('breaks nothing by telling another version', () => {
    expect(check()).toMatchObject({ stderr: '', status: 0 });
  }, 60_000);

  it('is refused while its code tells the old one', () => {
    const file = join(scratch.folder, 'packages/driver-libvirt/src/driver.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`version: '${version}'`, "version: '0.0.7'"));
    const { status, stderr } = check();
    expect(stderr).toContain('packages/driver-libvirt/src/driver.ts says that @virt-drivers/driver-libvirt is 0.0.7');
    expect(status).toBe(1);
  }, 60_000);
});
