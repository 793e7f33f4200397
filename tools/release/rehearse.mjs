// `pnpm release:rehearse <driver>`: a whole release, to a registry on this machine: build, pack, conformance on the
// packed tarballs, publication of those bytes, installation from the registry, first use.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startRegistry } from '@virt-drivers/registry';
import { smoke } from '../ci/packed-consumer.mjs';
import { projects } from '../ci/projects.mjs';
import { driverName } from '../extract/extract.mjs';
import { step } from '../extract/src/prove.mjs';
import { must } from '../setup/steps.mjs';
import { packRelease } from './src/pack-release.mjs';
import { installInto, proveTarballs } from './src/prove-tarballs.mjs';
import { publishFile } from './src/publish-files.mjs';
import { proofSet } from './src/release-set.mjs';

const npmSetting = (name) =>
  execFileSync('npm', ['config', 'get', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

// A registry behind a certificate authority of one's own is configured for npm, of which Node itself knows nothing.
const authority = () => {
  const file = npmSetting('cafile');
  return ['', 'null', 'undefined'].includes(file) ? {} : { authorityFile: file };
};
const pick = (list, value) => Object.fromEntries(list.map((each) => [each.name, value(each)]));

async function throughRegistry(name, packed, folder) {
  const registry = await startRegistry({ uplink: npmSetting('registry'), ...authority() });
  try {
    for (const each of packed)
      console.log(`ok           ${each.name}@${each.version} ${publishFile(each, { env: registry.environment })}`);
    installInto(
      folder,
      pick(packed, ({ version }) => version),
      registry.environment,
    );
    writeFileSync(join(folder, 'smoke.mjs'), smoke);
    step(`${name} is imported and required`, folder, 'node', ['smoke.mjs', name]);
  } finally {
    await registry.stop();
  }
}

/** The rehearsal, on what is built already. Rejects with what would have gone wrong. */
export async function rehearse(name) {
  const set = proofSet(projects(), name);
  const work = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  try {
    const packed = packRelease(set, join(work, 'tarballs'));
    await proveTarballs(
      set[0],
      pick(packed, ({ file }) => `file:${file}`),
      join(work, 'conformance'),
    );
    await throughRegistry(name, packed, join(work, 'user'));
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const name = driverName(process.argv[2]);
    const tools = ['@virt-drivers/peers', '@virt-drivers/guest-image'];
    const built = [...proofSet(projects(), name).map(({ manifest }) => manifest.name), ...tools];
    must('nx', ['run-many', '-t', 'build', '-p', built.join(','), '--outputStyle=static']);
    await rehearse(name);
    console.log(`${name} can be released.`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
