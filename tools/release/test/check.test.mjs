import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicProjects } from '../../ci/projects.mjs';
import { commitAll, git, scratchWorkspace } from '../../ci/scratch.mjs';

const core = '@virt-drivers/core';
const report = 'packages/core/etc/core.api.md';
let scratch;
let base;

beforeAll(() => {
  scratch = scratchWorkspace();
  // The cases here are about one change each, whatever is pending in this tree.
  const folder = join(scratch.folder, '.changeset');
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (file.endsWith('.md')) rmSync(join(folder, file));
  // What was never released is no matter here.
  for (const { folder: path } of publicProjects())
    writeFileSync(join(scratch.folder, path, 'CHANGELOG.md'), '# Changes\n');
  base = commitAll(scratch.folder, 'nothing pending');
}, 120_000);
afterAll(() => scratch?.close());
afterEach(() => {
  git(scratch.folder, 'checkout', '-q', '--', '.');
  git(scratch.folder, 'clean', '-qfd', '.changeset');
});

function check() {
  const { status, stderr } = spawnSync('node', ['tools/release/check.mjs', '--base', base], {
    cwd: scratch.folder,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stderr };
}

function edit(path, change) {
  const file = join(scratch.folder, path);
  const [before, after] = [readFileSync(file, 'utf8'), change(readFileSync(file, 'utf8'))];
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

function changeset(name, bump) {
  mkdirSync(join(scratch.folder, '.changeset'), { recursive: true });
  appendFileSync(join(scratch.folder, '.changeset', 'sample.md'), `---\n'${name}': ${bump}\n---\n\nA change.\n`);
}
const rename = (text) => text.replace(/export (interface|function|class) (\w+)/, 'export $1 $2Renamed');

describe('the check that CI runs', () => {
  it('passes when nothing changed', () => {
    expect(check()).toMatchObject({ status: 0 });
  });

  it('fails for an API break with a patch changeset', () => {
    edit(report, rename);
    changeset(core, 'patch');
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('says patch; it needs major') });
  }, 60_000);

  it('fails for an API break without a changeset', () => {
    edit(report, rename);
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('has no changeset; it needs major') });
  }, 60_000);

  it('fails for a major of core that would drag drivers along', () => {
    changeset(core, 'major');
    expect(check()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('accidental major of @virt-drivers/driver-memory'),
    });
  }, 60_000);

  it('fails for a narrowed peer range', () => {
    edit('packages/driver-memory/package.json', (text) => text.replace('">=0.1.0 <1.0.0"', '">=0.1.5 <0.2.0"'));
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('narrows its range') });
  }, 60_000);
});
