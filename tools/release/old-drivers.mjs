// `node tools/release/old-drivers.mjs [driver…]`: the last release of every driver on the core of this tree: sources
// type-checked, packages through conformance. Any break fails.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pack } from '../ci/pack.mjs';
import { projects } from '../ci/projects.mjs';
import { driverName } from '../extract/extract.mjs';
import { root } from '../setup/pnpm.mjs';
import { must } from '../setup/steps.mjs';
import { oldDriver, typecheckAgainst } from './src/old-driver.mjs';
import { installInto, runConformance } from './src/prove-tarballs.mjs';

const tags = () => execFileSync('git', ['tag'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

/** Proves one old driver on a core and a suite that are given as tarballs. Rejects with what broke. */
export async function proveOld(project, old, { core, suite }, folder) {
  installInto(folder, {
    ...old.tarballs,
    '@virt-drivers/core': `file:${core}`,
    '@virt-drivers/conformance': `file:${suite}`,
  });
  typecheckAgainst(old, folder);
  await runConformance(project, folder);
}

async function main(asked) {
  const all = projects();
  const drivers = all
    .filter(({ manifest }) => manifest.virtDrivers?.kind === 'driver' && !manifest.private)
    .filter(({ manifest }) => asked.length === 0 || asked.map(driverName).includes(manifest.name));
  const built = ['core', 'conformance', 'peers', 'guest-image'].map((each) => `@virt-drivers/${each}`);
  const names = [...built, ...drivers.map(({ manifest }) => manifest.name)];
  must('nx', ['run-many', '-t', 'build', '-p', names.join(','), '--outputStyle=static']);
  const work = mkdtempSync(join(tmpdir(), 'old-drivers-'));
  try {
    const core = pack(join(root, 'packages', 'core'), join(work, 'core.tgz'));
    const suite = pack(join(root, 'packages', 'conformance'), join(work, 'conformance.tgz'));
    for (const project of drivers) {
      const folder = join(work, project.manifest.name.replace(/^@[^/]+\//, ''));
      const old = oldDriver(all, project, tags(), join(folder, 'old'));
      console.log(`\n${old.what}`);
      await proveOld(project, old, { core, suite }, join(folder, 'on-new-core')).catch((error) => {
        console.error(`${old.what} does not work on this core: ${error.message}`);
        process.exitCode = 1;
      });
    }
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
