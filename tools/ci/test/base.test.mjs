import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../../setup/steps.mjs';
import { commitAll, git, scratchWorkspace } from '../scratch.mjs';

let scratch;
let first;
let second;

beforeAll(() => {
  scratch = scratchWorkspace();
  first = git(scratch.folder, 'rev-parse', 'HEAD').trim();
  writeFileSync(join(scratch.folder, 'packages/driver-libvirt/src/sample.ts'), 'export const sample = 1;\n');
  second = commitAll(scratch.folder, 'a change of one driver');
}, 120_000);
afterAll(() => scratch?.close());
afterEach(() => {
  git(scratch.folder, 'checkout', '-q', '-f', second);
  git(scratch.folder, 'clean', '-qfd');
});

/** What the command says in the copy; `CI_BASE` as given. */
function plan(base, args = []) {
  const env = { ...environment(), GITHUB_OUTPUT: '', CI_BASE: base, NX_WORKSPACE_ROOT_PATH: scratch.folder };
  const { stdout, stderr } = spawnSync('node', ['tools/ci/plan.mjs', ...args], {
    cwd: scratch.folder,
    env,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { drivers: JSON.parse(/^drivers=(.*)$/m.exec(stdout)[1]), core: /^core=true$/m.test(stdout), why: stderr };
}
const oneDriver = ['@virt-drivers/driver-libvirt'];

describe('the base of a change', () => {
  it('is what CI_BASE or --base names', () => {
    expect(plan(first)).toMatchObject({ drivers: oneDriver, core: false });
    expect(plan('', ['--base', first])).toMatchObject({ drivers: oneDriver, core: false });
  }, 60_000);

  it('is where the two lines parted, not where the other one is now', () => {
    git(scratch.folder, 'checkout', '-q', first);
    writeFileSync(join(scratch.folder, 'packages/core/src/sample.ts'), 'export const sample = 1;\n');
    const elsewhere = commitAll(scratch.folder, 'meanwhile on main');
    git(scratch.folder, 'checkout', '-q', second);
    expect(plan(elsewhere)).toMatchObject({ drivers: oneDriver, core: false });
  }, 60_000);

  it('sees what is not committed yet', () => {
    writeFileSync(join(scratch.folder, 'packages/core/src/sample.ts'), 'export const sample = 1;\n');
    expect(plan(second)).toMatchObject({ core: true });
  }, 60_000);
});

describe('everything runs', () => {
  it.each([
    ['nobody names a base', () => '', 'no base is named'],
    ['the base is not in this clone', () => 'a'.repeat(40), 'not in this clone'],
    ['nothing differs from the base', () => second, 'nothing differs'],
  ])(
    'when %s',
    (_, base, why) => {
      const found = plan(base());
      expect(found).toMatchObject({ core: true, why: expect.stringContaining(why) });
      expect(found.drivers.length).toBeGreaterThan(1);
    },
    60_000,
  );

  it('when the graph cannot be read', () => {
    writeFileSync(join(scratch.folder, 'nx.json'), '{');
    expect(plan(first)).toMatchObject({ core: true, why: expect.stringContaining('affected since') });
    expect(plan(first).why).toContain('are unknown');
  }, 60_000);

  it('when base and HEAD have nothing in common', () => {
    const tree = git(scratch.folder, 'rev-parse', 'HEAD^{tree}').trim();
    const alone = git(scratch.folder, 'commit-tree', tree, '-m', 'alone').trim();
    expect(plan(alone)).toMatchObject({ core: true, why: expect.stringContaining('no commit in common') });
  }, 60_000);
});
