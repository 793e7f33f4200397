import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import plugin from '../plugin.cjs';

const workspaceRoot = mkdtempSync(join(tmpdir(), 'nx-plugin-'));
afterAll(() => rmSync(workspaceRoot, { recursive: true, force: true }));

/** The targets that the plugin infers for a package with this manifest and these other files. */
async function infer(folder, manifest, files = []) {
  mkdirSync(join(workspaceRoot, folder), { recursive: true });
  writeFileSync(join(workspaceRoot, folder, 'package.json'), JSON.stringify(manifest));
  for (const file of files) writeFileSync(join(workspaceRoot, folder, file), '{"target":"x://","tier":"memory"}');
  const [, create] = plugin.createNodesV2;
  const [[, { projects }]] = await create([`${folder}/package.json`], undefined, {
    workspaceRoot,
    nxJsonConfiguration: {},
  });
  return projects[folder];
}

const all = ['tsup.config.ts', 'tsconfig.json', 'jest.config.mjs', 'eslint.config.mjs'];
const targetNames = ({ targets }) => Object.keys(targets).sort();

describe('inferred targets', () => {
  it('follow from the files of a package', async () => {
    const project = await infer('packages/a', { name: '@virt-drivers/a', virtDrivers: { kind: 'core' } }, all);
    expect(targetNames(project)).toEqual(['api', 'api-update', 'build', 'lint', 'pack-check', 'test', 'typecheck']);
    expect(project.tags).toEqual(['npm:public', 'kind:core']);
  });

  it('pack nothing that is private, and build nothing without a build', async () => {
    expect(
      targetNames(await infer('tools/a', { name: '@virt-drivers/t', private: true }, ['jest.config.mjs'])),
    ).toEqual(['test']);
  });

  it('build after runtime dependencies, not after those of tests', async () => {
    const dependencies = { '@virt-drivers/b': '*', zod: '*' };
    const devDependencies = { '@virt-drivers/c': '*' };
    const { targets } = await infer('packages/b', { name: '@virt-drivers/x', dependencies, devDependencies }, all);
    expect(targets.build.dependsOn).toEqual([{ target: 'build', projects: ['@virt-drivers/b'] }]);
  });

  it('give the cache key of a suite with peers the versions of these', async () => {
    const devDependencies = { '@virt-drivers/peers': '*' };
    const { targets } = await infer('packages/c', { name: '@virt-drivers/c', devDependencies }, all);
    expect(targets.test.inputs).toContainEqual({ runtime: 'node tools/nx/peers.cjs' });
    const quiet = await infer('packages/d', { name: '@virt-drivers/d' }, all);
    expect(quiet.targets.test.inputs).not.toContainEqual({ runtime: 'node tools/nx/peers.cjs' });
  });

  it('cache everything but the acceptance of a changed API', async () => {
    const { targets } = await infer('packages/e', { name: '@virt-drivers/e' }, all);
    const uncached = Object.entries(targets).filter(([, { cache }]) => !cache);
    expect(uncached.map(([name]) => name)).toEqual(['api-update']);
  });

  it('run the conformance suite on the build, for a driver that names its target', async () => {
    const { targets } = await infer('packages/f', { name: '@virt-drivers/f' }, [...all, 'conformance.config.json']);
    expect(targets.conformance.command).toContain('--driver @virt-drivers/f --target x:// --tier memory');
    expect(targets.conformance.dependsOn).toContain('build');
  });
});

describe('after a run', () => {
  const result = (target, status, milliseconds) => [
    `@virt-drivers/a:${target}`,
    { status, task: { target: { project: '@virt-drivers/a', target }, startTime: 1000, endTime: 1000 + milliseconds } },
  ];
  // A run that this test is part of leaves its own outcomes.
  const runner = process.env.VIRT_DRIVERS_TASK_RESULTS;
  beforeAll(() => delete process.env.VIRT_DRIVERS_TASK_RESULTS);
  afterAll(() => {
    if (runner !== undefined) process.env.VIRT_DRIVERS_TASK_RESULTS = runner;
  });
  const after = (...results) =>
    plugin.postTasksExecution(undefined, { workspaceRoot, taskResults: Object.fromEntries(results) });
  const times = () => JSON.parse(readFileSync(join(workspaceRoot, '.cache', 'task-times.json'), 'utf8'));

  it('the times of what ran and passed are kept, each the last', () => {
    after(result('test', 'success', 700), result('lint', 'success', 30));
    after(result('test', 'local-cache', 1), result('lint', 'failure', 2), result('build', 'success', 40));
    expect(times()).toEqual({ '@virt-drivers/a:test': 700, '@virt-drivers/a:lint': 30, '@virt-drivers/a:build': 40 });
    after(result('test', 'success', 800));
    expect(times()['@virt-drivers/a:test']).toBe(800);
  });
});
