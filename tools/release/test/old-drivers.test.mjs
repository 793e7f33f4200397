import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../../ci/pack.mjs';
import { root } from '../../setup/pnpm.mjs';
import { typecheckAgainst, unreleasedDriver } from '../src/old-driver.mjs';
import { installInto, runConformance } from '../src/prove-tarballs.mjs';

describe('an old driver on a new core', () => {
  const work = mkdtempSync(join(tmpdir(), 'old-on-new-'));
  const folder = join(work, 'on-new-core');
  const installed = join(folder, 'node_modules', '@virt-drivers', 'core', 'dist');
  let old;

  beforeAll(() => {
    old = unreleasedDriver('@virt-drivers/driver-memory', join(work, 'old'));
    const core = pack(join(root, 'packages', 'core'), join(work, 'core.tgz'));
    installInto(folder, { ...old.tarballs, '@virt-drivers/core': `file:${core}` });
  }, 300_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('fits when nothing broke', async () => {
    typecheckAgainst(old, folder);
    await runConformance(old.project, folder);
  }, 300_000);

  it('does not when core asks for a member that it lacks', () => {
    const declarations = readdirSync(installed).filter((file) => /\.d\.ts$/.test(file));
    const declaring = declarations.filter((file) =>
      readFileSync(join(installed, file), 'utf8').includes('interface Power {'),
    );
    expect(declaring).not.toEqual([]);
    for (const file of declaring) {
      const text = readFileSync(join(installed, file), 'utf8');
      writeFileSync(
        join(installed, file),
        text.replace('interface Power {', 'interface Power {\n    hibernate(): Promise<void>;'),
      );
    }
    expect(() => typecheckAgainst(old, folder)).toThrow('hibernate');
  }, 300_000);

  it('does not when a call of core answers otherwise', async () => {
    for (const file of readdirSync(installed).filter((each) => each.endsWith('.js'))) {
      const text = readFileSync(join(installed, file), 'utf8');
      writeFileSync(
        join(installed, file),
        text.replaceAll('HOST.NOT_FOUND', 'HOST.LOST').replaceAll('MACHINE.NOT_FOUND', 'MACHINE.LOST'),
      );
    }
    await expect(runConformance(old.project, folder)).rejects.toThrow('Conformance failed');
  }, 300_000);
});
