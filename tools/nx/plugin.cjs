// Infers every target from package.json and the files beside it, so that no package carries a project.json.
// Everything a result depends on is listed as an input: a cached pass must never stand for a run that would fail.
const { createNodesFromFiles } = require('@nx/devkit');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const scope = '@virt-drivers/';

const shared = [
  '{workspaceRoot}/tsconfig.base.json',
  '{workspaceRoot}/nx.json',
  '{workspaceRoot}/tools/nx/*.cjs',
  '{workspaceRoot}/.github/**/*',
  { runtime: 'node tools/nx/platform.cjs' },
];
const sources = [
  '{projectRoot}/**/*',
  '!{projectRoot}/temp/**/*',
  '!{projectRoot}/dist/**/*',
  '!{projectRoot}/etc/**/*',
  ...shared,
];
const production = [
  ...sources,
  '!{projectRoot}/**/*.test.{ts,mjs}',
  '!{projectRoot}/test/**/*',
  '!{projectRoot}/**/*.md',
  '!{projectRoot}/jest.config.mjs',
  '!{projectRoot}/eslint.config.mjs',
];
const peers = [{ runtime: 'node tools/nx/peers.cjs' }, { env: 'CI' }, '{workspaceRoot}/tools/setup/**/*'];
const external = (...externalDependencies) => ({ externalDependencies });
const ofDependencies = { input: 'production', dependencies: true };

const isOurs = (name) => name.startsWith(scope);
const runtimeDependencies = (manifest) =>
  Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(isOurs);
// A suite that starts a peer depends on what is installed here. Peers have namespaces and directories of their own, so that two
// suites may run at once: most of their time they wait for a server.
const usesPeers = (manifest) =>
  manifest.name === `${scope}peers` ||
  Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).includes(`${scope}peers`);

function lint() {
  return {
    command: 'eslint . --max-warnings=0',
    inputs: [
      ...sources,
      ofDependencies,
      '{workspaceRoot}/eslint.config.mjs',
      '{workspaceRoot}/tools/repo-lint/src/**/*',
      external('eslint', '@eslint/js', 'typescript-eslint', 'typescript'),
    ],
  };
}

function typecheck() {
  return { command: 'tsc -p tsconfig.json', inputs: [...sources, ofDependencies, external('typescript')] };
}

// A suite that starts built programs says so: it needs the builds of everything it depends on.
const buildsForTests = ({ virtDrivers, devDependencies }) =>
  virtDrivers?.testsUseBuilds ? [{ target: 'build', projects: Object.keys(devDependencies ?? {}).filter(isOurs) }] : [];

function test(manifest) {
  return {
    command: 'jest --passWithNoTests',
    dependsOn: buildsForTests(manifest),
    options: { env: { NODE_OPTIONS: '--experimental-vm-modules' } },
    inputs: [
      ...sources,
      ofDependencies,
      '{workspaceRoot}/jest.base.mjs',
      '{workspaceRoot}/tools/ci/jest-reporter.mjs',
      external('jest', '@jest/globals', '@swc/jest', '@swc/core'),
      ...(usesPeers(manifest) ? peers : []),
      // What a suite reads of other packages without importing it.
      ...(manifest.virtDrivers?.testInputs ?? []),
    ],
    outputs: ['{projectRoot}/temp/jest.json', '{projectRoot}/temp/skips.txt', '{projectRoot}/temp/conformance-*.json'],
  };
}

// Not '^build': packages that are only used by tests may depend on each other in a circle.
function build(manifest) {
  const projects = runtimeDependencies(manifest);
  return {
    command: 'tsup',
    dependsOn: projects.length > 0 ? [{ target: 'build', projects }] : [],
    inputs: ['production', ofDependencies, '{workspaceRoot}/tsup.base.ts', external('tsup', 'typescript', 'esbuild')],
    outputs: ['{projectRoot}/dist'],
  };
}

function api() {
  return {
    command: 'node ../../tools/ci/api-report.mjs',
    dependsOn: ['build'],
    inputs: [
      '{projectRoot}/package.json',
      '{projectRoot}/etc/*.api.md',
      '{workspaceRoot}/tools/ci/api-report.mjs',
      { dependentTasksOutputFiles: '**/*.d.ts', transitive: true },
      external('@microsoft/api-extractor'),
    ],
  };
}

// Accepts a changed API; its report is a file in git, so a cache must not stand for it.
function apiUpdate() {
  return { command: 'node ../../tools/ci/api-report.mjs --update', dependsOn: ['build'], cache: false };
}

function packCheck() {
  return {
    command: 'node ../../tools/ci/pack-check.mjs',
    dependsOn: ['build'],
    inputs: [
      '{projectRoot}/package.json',
      '{projectRoot}/README.md',
      '{projectRoot}/etc/*',
      '{workspaceRoot}/LICENSE',
      '{workspaceRoot}/tools/ci/pack*.mjs',
      { dependentTasksOutputFiles: '**/*', transitive: false },
      external('publint', '@arethetypeswrong/cli'),
    ],
    outputs: ['{projectRoot}/temp/package.tgz'],
  };
}

// The suite on the build of a driver that needs no peer; a driver with one runs it among its tests.
function conformance(manifest, folder) {
  const { target, tier } = JSON.parse(readFileSync(join(folder, 'conformance.config.json'), 'utf8'));
  const gaps = existsSync(join(folder, 'test', 'known-gaps.json')) ? ' --known-gaps test/known-gaps.json' : '';
  const options = `--driver ${manifest.name} --target ${target} --tier ${tier}${gaps}`;
  return {
    command: `node ../conformance/dist/main.js run ${options} --report temp/conformance.json`,
    dependsOn: ['build', { target: 'build', projects: [`${scope}conformance`] }],
    inputs: ['production', '{projectRoot}/test/known-gaps.json', ofDependencies],
    outputs: ['{projectRoot}/temp/conformance.json'],
  };
}

const published = () => ({ api: api(), 'api-update': apiUpdate(), 'pack-check': packCheck() });

function targetsOf(manifest, folder) {
  const has = (file) => existsSync(join(folder, file));
  return {
    ...(has('eslint.config.mjs') && { lint: lint() }),
    ...(has('tsconfig.json') && { typecheck: typecheck() }),
    ...(has('jest.config.mjs') && { test: test(manifest) }),
    ...(has('tsup.config.ts') && { build: build(manifest) }),
    ...(has('tsup.config.ts') && !manifest.private && published()),
    ...(has('conformance.config.json') && { conformance: conformance(manifest, folder) }),
  };
}

function projectOf(file, workspaceRoot) {
  const root = dirname(file);
  const manifest = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
  const { kind, platform } = manifest.virtDrivers ?? {};
  const targets = targetsOf(manifest, join(workspaceRoot, root));
  for (const target of Object.values(targets)) {
    target.cache ??= true;
    target.options = { ...target.options, cwd: '{projectRoot}' };
  }
  const tags = [
    manifest.private ? 'npm:private' : 'npm:public',
    ...(kind ? [`kind:${kind}`] : []),
    ...(platform ? [`platform:${platform}`] : []),
  ];
  return { projects: { [root]: { targets, tags, namedInputs: { production } } } };
}

exports.name = 'virt-drivers';
exports.createNodesV2 = [
  '{packages,tools}/*/package.json',
  (files, options, context) =>
    createNodesFromFiles((file) => projectOf(file, context.workspaceRoot), files, options, context),
];

// How long each task took when it last ran here and passed, whoever asked for it: `npm run bench -- ci` adds these up.
function rememberTimes(workspaceRoot, results) {
  const ran = results.filter(({ task, status }) => status === 'success' && task.endTime !== undefined);
  if (ran.length === 0) return;
  const folder = join(workspaceRoot, '.cache');
  const file = join(folder, 'task-times.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const times = ran.map(({ task: { target, startTime, endTime } }) => [
    `${target.project}:${target.target}`,
    endTime - startTime,
  ]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify({ ...known, ...Object.fromEntries(times) }, null, 2)}\n`);
  // As a whole: others may be reading, or writing theirs.
  renameSync(`${file}.${process.pid}`, file);
}

/** Leaves the outcome of every task where tools/ci/test.mjs reads it. */
exports.postTasksExecution = (options, { workspaceRoot, taskResults }) => {
  const results = Object.values(taskResults ?? {});
  rememberTimes(workspaceRoot, results);
  const file = process.env.VIRT_DRIVERS_TASK_RESULTS;
  if (!file) return;
  const outcomes = results.map(({ task, status, terminalOutput }) => ({
    project: task.target.project,
    target: task.target.target,
    status,
    milliseconds: (task.endTime ?? 0) - (task.startTime ?? 0),
    output: status === 'failure' ? terminalOutput : undefined,
  }));
  writeFileSync(join(workspaceRoot, file), `${JSON.stringify(outcomes, null, 2)}\n`);
};
