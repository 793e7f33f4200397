// `node tools/release/pack.mjs <folder>`: builds and packs every version that has no tag yet, and proves its drivers on those
// very bytes. The folder gets the tarballs and release.json; in GitHub Actions `digest` of it is an output.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { projects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { must } from '../setup/steps.mjs';
import { commitOf } from '../ci/git-answer.mjs';
import { needsNoPeer } from './src/endpoint.mjs';
import { packRelease } from './src/pack-release.mjs';
import { proveTarballs } from './src/prove-tarballs.mjs';
import { proofSet, provers, unreleased } from './src/release-set.mjs';

/** What a driver is proven with: the new bytes, and of the rest what the registry has. */
function dependenciesOf(all, project, packed) {
  return Object.fromEntries(
    proofSet(all, project.manifest.name).map(({ manifest: { name, version } }) => {
      const fresh = packed.find((each) => each.name === name);
      return [name, fresh ? `file:${fresh.file}` : version];
    }),
  );
}

async function proveDrivers(all, fresh, packed) {
  const names = fresh.map(({ manifest }) => manifest.name);
  for (const project of provers(all, names, needsNoPeer)) {
    const folder = mkdtempSync(join(tmpdir(), 'release-'));
    try {
      await proveTarballs(project, dependenciesOf(all, project, packed), folder);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

const folder = resolve(process.argv[2] ?? join(root, 'temp', 'release'));
mkdirSync(folder, { recursive: true });
const all = projects();
const fresh = unreleased(all, (tag) => commitOf(root, `refs/tags/${tag}`) !== undefined);
if (fresh.length > 0) must('nx', ['run-many', '-t', 'build', '--outputStyle=static']);
const packed = packRelease(fresh, folder);
await proveDrivers(all, fresh, packed);
const release = JSON.stringify(
  packed.map((each) => ({ ...each, file: basename(each.file) })),
  null,
  2,
);
writeFileSync(join(folder, 'release.json'), release);
const digest = createHash('sha256').update(release).digest('hex');
if (process.env.GITHUB_OUTPUT)
  appendFileSync(process.env.GITHUB_OUTPUT, `any=${packed.length > 0}\ndigest=${digest}\n`);
for (const { name, version, integrity } of packed) console.log(`${name}@${version} ${integrity}`);
console.log(packed.length > 0 ? `release.json has sha256 ${digest}` : 'Every version has its tag: nothing to release.');
