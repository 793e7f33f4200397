import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../../setup/pnpm.mjs';
import { environment } from '../../setup/steps.mjs';
import { checks } from '../checks.mjs';
import { git, scratchWorkspace } from '../scratch.mjs';

// The other two gates, a leaking range and an API break with a patch, are with the tests of tools/release.
let scratch;
beforeAll(() => {
  scratch = scratchWorkspace();
}, 120_000);
afterAll(() => scratch?.close());
afterEach(() => git(scratch.folder, 'checkout', '-q', '--', '.'));

function run(command, ...args) {
  const env = { ...environment(), NX_WORKSPACE_ROOT_PATH: scratch.folder };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: scratch.folder,
    env,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, said: `${stdout}${stderr}` };
}
function edit(path, change) {
  const file = join(scratch.folder, path);
  const [before, after] = [readFileSync(file, 'utf8'), change(readFileSync(file, 'utf8'))];
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}
const repoLint = () => run('node', 'tools/repo-lint/main.mjs');

describe('the repository', () => {
  it('refuses an action that is not pinned to a commit', () => {
    edit('.github/workflows/ci.yml', (text) =>
      text.replace(/actions\/checkout@[0-9a-f]{40} # \S+/, 'actions/checkout@v7'),
    );
    expect(repoLint()).toMatchObject({
      status: 1,
      said: expect.stringContaining('actions/checkout@v7 is not pinned to a commit'),
    });
  }, 120_000);

  it('refuses a driver that depends on another driver', () => {
    edit('packages/driver-memory/package.json', (text) =>
      text.replace(
        '"peerDependencies": {',
        '"dependencies": {"@virt-drivers/driver-libvirt": "workspace:*"},\n  "peerDependencies": {',
      ),
    );
    expect(repoLint()).toMatchObject({
      status: 1,
      said: expect.stringContaining('@virt-drivers/driver-libvirt is a driver'),
    });
  }, 120_000);

  it('refuses a driver that imports another driver, by name or by path', () => {
    const lines = [
      "export * from '@virt-drivers/driver-libvirt';",
      "export * from '../../driver-libvirt/src/index.js';",
    ];
    appendFileSync(join(scratch.folder, 'packages/driver-memory/src/index.ts'), `${lines.join('\n')}\n`);
    const { status, said } = run('eslint', 'packages/driver-memory/src/index.ts');
    expect(said.match(/driver-libvirt is a driver/g)).toHaveLength(2);
    expect(status).toBe(1);
  }, 120_000);
});

describe('CI', () => {
  const folder = join(root, '.github', 'workflows');
  const workflows = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')));
  const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
  const startsPeers = /npm run (ci:job|setup|test:storage)\b|tools\/(extract|release\/(rehearse|old-drivers|pack))\b/;
  const steps = jobs.flatMap((job) => job.steps ?? []);
  const commands = steps.flatMap((step) => step.run ?? []);

  it('asks the rules of the tree, as a laptop does', () => {
    expect(commands).toContain('node tools/ci/checks.mjs');
    const asked = checks.flatMap(([, , args]) => args);
    for (const file of ['tools/repo-lint/main.mjs', 'tools/release/check.mjs']) expect(asked).toContain(file);
  });

  it('starts peers as root on the system that they are proven on, which is the same for all', () => {
    const withPeers = jobs.filter(({ steps = [] }) => steps.some((step) => startsPeers.test(step.run ?? '')));
    expect(withPeers).toHaveLength(4);
    const image = expect.stringMatching(/^node:22-bookworm@sha256:/);
    for (const { container } of withPeers) expect(container).toEqual({ image, options: '--privileged' });
    expect(new Set(withPeers.map(({ container }) => container.image)).size).toBe(1);
  });

  it('runs nothing that a laptop could not run', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const command of commands) {
      const [, file, script] = /^(?:node (tools\/\S+\.mjs)|npm run (\S+))/.exec(command) ?? [];
      expect([command, file ? existsSync(join(root, file)) : script in scripts]).toEqual([command, true]);
    }
  });
});
