import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));

function run(command, args, cwd) {
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 120_000 });
  return { status, output: `${stdout}${stderr}` };
}
const generate = (...args) => run('node', ['new-driver.mjs', ...args], here);
const tool = (name, args, cwd) => run(join(root, 'node_modules', '.bin', name), args, cwd);

describe('a new driver', () => {
  let scratch;

  // Two levels below the root, as packages are.
  beforeAll(() => {
    mkdirSync(join(root, 'temp'), { recursive: true });
    scratch = mkdtempSync(join(root, 'temp', 'new-driver-'));
    rmSync(scratch, { recursive: true });
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('type-checks and passes its first tests', () => {
    expect(generate('sample', scratch)).toMatchObject({ status: 0 });
    mkdirSync(join(scratch, 'node_modules', '@virt-drivers'), { recursive: true });
    symlinkSync(join(root, 'packages', 'core'), join(scratch, 'node_modules', '@virt-drivers', 'core'));
    expect(tool('tsc', ['-p', 'tsconfig.json'], scratch)).toEqual({ status: 0, output: '' });
    expect(tool('jest', ['--testPathIgnorePatterns', '/node_modules/'], scratch)).toMatchObject({ status: 0 });
  }, 120_000);

  it.each([['not a name'], ['']])('is not made from the name "%s"', (name) => {
    expect(generate(name, scratch)).toMatchObject({ status: 2 });
  });

  it('never replaces what is there', () => {
    expect(generate('sample', here)).toMatchObject({ status: 2 });
  });
});
