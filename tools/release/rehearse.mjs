// `pnpm release:rehearse <package…>`, or `--affected`: a whole release, to a registry on this machine: build, pack, conformance on
// the packed tarballs, publication of those bytes, installation from the registry, first use.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startRegistry } from '@virt-drivers/registry';
import { smoke, specifiers } from '../ci/packed-consumer.mjs';
import { makePlan, planLine } from '../ci/plan.mjs';
import { projects, publicProjects } from '../ci/projects.mjs';
import { step } from '../extract/src/prove.mjs';
import { must } from '../setup/steps.mjs';
import { buildsForPeers, needsNoPeer } from './src/endpoint.mjs';
import { packRelease } from './src/pack-release.mjs';
import { installInto, proveTarballs } from './src/prove-tarballs.mjs';
import { publishFile } from './src/publish-files.mjs';
import { proofSetOf, provers } from './src/release-set.mjs';

const npmSetting = (name) =>
  execFileSync('npm', ['config', 'get', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

// A registry behind a certificate authority of one's own is configured for npm, of which Node itself knows nothing.
const authority = () => {
  const file = npmSetting('cafile');
  return ['', 'null', 'undefined'].includes(file) ? {} : { authorityFile: file };
};
const pick = (list, value) => Object.fromEntries(list.map((each) => [each.name, value(each)]));

/** Imports, requires and starts what was installed. */
function firstUse(released, folder) {
  writeFileSync(join(folder, 'smoke.mjs'), smoke);
  const all = specifiers(released);
  step(`${all.join(', ')} imported and required`, folder, 'node', ['smoke.mjs', ...all]);
  const commands = released.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}));
  for (const command of commands) step(`${command} --help`, folder, command, ['--help']);
}

async function throughRegistry(released, packed, folder) {
  const registry = await startRegistry({ uplink: npmSetting('registry'), ...authority() });
  try {
    for (const each of packed)
      console.log(`ok           ${each.name}@${each.version} ${publishFile(each, { env: registry.environment })}`);
    const versions = pick(packed, ({ version }) => version);
    installInto(folder, versions, registry.environment);
    firstUse(released, folder);
  } finally {
    await registry.stop();
  }
}

/** The rehearsal, on what is built already. Rejects with what would have gone wrong. */
export async function rehearse(names) {
  const all = projects();
  const proving = provers(all, names, needsNoPeer);
  const set = proofSetOf(all, [...names, ...proving.map(({ manifest }) => manifest.name)]);
  const work = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  try {
    const packed = packRelease(set, join(work, 'tarballs'));
    const files = pick(packed, ({ file }) => `file:${file}`);
    for (const driver of proving)
      await proveTarballs(driver, files, join(work, `conformance-of-${driver.manifest.virtDrivers.platform}`));
    const released = all.filter(({ manifest }) => names.includes(manifest.name));
    await throughRegistry(released, packed, join(work, 'user'));
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** `driver-libvirt` or the whole name. Throws when nothing is published under it. */
export function packageName(text = '', published = publicProjects()) {
  const name = text.startsWith('@') ? text : `@virt-drivers/${text}`;
  if (published.some(({ manifest }) => manifest.name === name)) return name;
  const known = published.map(({ manifest }) => manifest.name.replace(/^@[^/]+\//, '')).join(', ');
  throw new Error(`"${text}" is no package that is published; say one of ${known}.`);
}

// Drivers have jobs of their own in CI.
function affectedPackages() {
  const plan = makePlan();
  console.log(planLine(plan));
  return publicProjects()
    .map(({ manifest }) => manifest.name)
    .filter((name) => plan.affected.includes(name) && !plan.drivers.includes(name));
}

async function main(args) {
  const names = args.includes('--affected')
    ? affectedPackages()
    : (args.length > 0 ? args : ['']).map((each) => packageName(each));
  if (names.length === 0) return console.log('No package that is published is affected.');
  const built = [...publicProjects().map(({ manifest }) => manifest.name), ...buildsForPeers(names)];
  must('nx', ['run-many', '-t', 'build', '-p', built.join(','), '--outputStyle=static']);
  await rehearse(names);
  return console.log(`${names.join(', ')} can be released.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
