// Runs the packed packages and the unit tests on every promised Node version. `--quick`: the imports, and core's tests.
// `--pack` packs first.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { environment, must } from '../setup/steps.mjs';
import { nodeProgram, versions } from './node-versions.mjs';
import { packedConsumer } from './packed-consumer.mjs';
import { projects } from './projects.mjs';

const quick = process.argv.includes('--quick');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const cases = [];

function record(name, { outcome, reason }) {
  cases.push({ name, outcome, reason });
  console.log(`${outcome.padEnd(7)} ${name}${reason ? `: ${reason}` : ''}`);
}

function runOn(program, args, cwd) {
  const env = { ...environment(), VIRT_SKIPS_FILE: '' };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
    timeout: 300_000,
  });
  return status === 0 ? { outcome: 'passed' } : { outcome: 'failed', reason: `${stdout}${stderr}`.trim() };
}

// A suite with peers is proven on one version of Node; what may differ between versions needs no peer: the tests in src.
const usesPeers = ({ manifest }) => '@virt-drivers/peers' in { ...manifest.devDependencies, [manifest.name]: '' };

function suites() {
  if (quick) return projects().filter(({ manifest }) => manifest.virtDrivers?.kind === 'core');
  return projects().filter((project) => !project.manifest.private);
}

function testOn(version, consumer) {
  const { program, reason } = nodeProgram(version);
  if (!program) {
    const outcome = process.env.CI === 'true' ? 'failed' : 'skipped';
    record(`Node ${version}`, { outcome, reason });
    return;
  }
  if (consumer.folder) {
    const args = ['smoke.mjs', ...consumer.specifiers];
    record(`Node ${version} imports and requires every packed package`, runOn(program, args, consumer.folder));
  }
  if (quick && program === process.execPath) return;
  for (const project of suites()) {
    const { folder, manifest } = project;
    const args = ['--experimental-vm-modules', jest, '--passWithNoTests', '--reporters=default'];
    const part = usesPeers(project) ? ['--testPathPatterns=/src/'] : [];
    record(
      `Node ${version} passes the tests of ${manifest.name}`,
      runOn(program, [...args, ...part], join(root, folder)),
    );
  }
}

if (process.argv.includes('--pack'))
  must('nx', ['run-many', '-t', 'pack-check', '--parallel=2', '--outputStyle=static']);
const consumer = packedConsumer();
try {
  if (consumer.problem) record('packed packages', { outcome: 'failed', reason: consumer.problem });
  if (consumer.folder) {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const name = 'TypeScript accepts every packed package, imported and required';
    record(name, runOn(process.execPath, [compiler, '-p', '.'], consumer.folder));
  }
  for (const version of versions) testOn(version, consumer);
} finally {
  consumer.close();
}
mkdirSync(join(root, 'temp'), { recursive: true });
writeFileSync(join(root, 'temp', 'node-versions.json'), `${JSON.stringify(cases, null, 2)}\n`);
process.exitCode = cases.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
