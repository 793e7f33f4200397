// `node tools/release/old-drivers.mjs [driver…]`: the last release of every driver on the core of this tree: sources
// type-checked, packages through the conformance suite of that release. Any break fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pack } from '../ci/pack.mjs';
import { projects } from '../ci/projects.mjs';
import { driverName } from '../extract/extract.mjs';
import { root } from '../setup/pnpm.mjs';
import { must } from '../setup/steps.mjs';
import { buildsForPeers } from './src/endpoint.mjs';
import { releasedDriver, typecheckAgainst, unreleasedDriver } from './src/old-driver.mjs';
import { installInto, runConformance } from './src/prove-tarballs.mjs';
import { lastRelease } from './src/releases.mjs';

/** Proves one old driver on a core that is given as a tarball. Rejects with what broke. */
export async function proveOld(old, core, folder) {
  installInto(folder, { ...old.tarballs, '@virt-drivers/core': `file:${core}` });
  typecheckAgainst(old, folder);
  await runConformance(old.project, folder);
}

async function proveLastRelease(name, release, core, folder) {
  const place = join(folder, 'old');
  const old = release ? releasedDriver(name, release, place) : unreleasedDriver(name, place);
  console.log(`\n${old.what}`);
  await proveOld(old, core, join(folder, 'on-new-core'));
}

async function main(asked) {
  const drivers = projects()
    .filter(({ manifest }) => manifest.virtDrivers?.kind === 'driver' && !manifest.private)
    .filter(({ manifest }) => asked.length === 0 || asked.map(driverName).includes(manifest.name))
    .map(({ manifest: { name } }) => ({ name, release: lastRelease(root, name) }));
  const fromTree = drivers.filter(({ release }) => !release).map(({ name }) => name);
  const built = [...buildsForPeers(drivers.map(({ name }) => name)), ...fromTree];
  must('nx', ['run-many', '-t', 'build', '-p', built.join(','), '--outputStyle=static']);
  const work = mkdtempSync(join(tmpdir(), 'old-drivers-'));
  try {
    const core = pack(join(root, 'packages', 'core'), join(work, 'core.tgz'));
    for (const { name, release } of drivers) {
      const folder = join(work, name.replace(/^@[^/]+\//, ''));
      await proveLastRelease(name, release, core, folder).catch((error) => {
        console.error(`${release?.tag ?? name} is not proven on this core: ${error.message}`);
        process.exitCode = 1;
      });
    }
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
