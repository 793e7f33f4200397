// `node tools/release/check.mjs [--base <commit>]`: do the changesets say what the change does?
// Compared are the base (CI_BASE, or what is given) and, per package, its last release.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedBase } from '../ci/base.mjs';
import { commitOf } from '../ci/git-answer.mjs';
import { projects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { compareReports } from './src/api-report.mjs';
import { reportsAt, textAt } from './src/base.mjs';
import { pendingChangesets } from './src/changesets.mjs';
import { lastRelease, missingReleases } from './src/releases.mjs';
import { reportWithVersion, untrueVersions } from './src/told-version.mjs';
import { accidentalMajors, apiProblems, bumpSince, narrowedPeers, silentFirstReleases } from './src/version-rules.mjs';

const given = namedBase();

function reportsNow(folder) {
  const etc = join(root, folder, 'etc');
  return existsSync(etc)
    ? readdirSync(etc)
        .filter((file) => file.endsWith('.api.md'))
        .map((file) => `${folder}/etc/${file}`)
    : [];
}

/** The largest change of any entry of the package; an entry that is gone is a break. */
function apiChange({ folder, manifest }, base, oldVersion) {
  const before = reportsAt(root, base, folder);
  // Nothing was promised before the first report.
  if (before.length === 0) return [];
  return [...new Set([...before, ...reportsNow(folder)])].map((path) => {
    const now = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
    const old = reportWithVersion(textAt(root, base, path) ?? '', oldVersion, manifest.version);
    return { name: manifest.name, ...compareReports(old, now) };
  });
}

function problemsSince(project, base, changesets) {
  const text = textAt(root, base, `${project.folder}/package.json`);
  if (!text) return [];
  const old = JSON.parse(text);
  const bump = bumpSince(old.version, project.manifest, changesets);
  return [
    ...apiChange(project, base, old.version).flatMap((change) => apiProblems(change, bump)),
    ...narrowedPeers(old, project.manifest, bump),
  ];
}

function basesOf({ manifest }) {
  if (given && !commitOf(root, given))
    throw new Error(`The base ${given} is not in this clone; fetch it: git fetch --unshallow`);
  return [given, lastRelease(root, manifest.name)?.commit].filter(Boolean);
}

const changesets = pendingChangesets(root);
const all = projects();
const published = all.filter(({ manifest }) => !manifest.private);
const problems = [
  ...published.flatMap((project) => basesOf(project).flatMap((base) => problemsSince(project, base, changesets))),
  ...published.flatMap((project) => untrueVersions(root, project)),
];
problems.push(
  ...accidentalMajors(
    all.map(({ manifest }) => manifest),
    changesets,
  ),
);
problems.push(
  ...silentFirstReleases(
    all.map(({ folder, manifest }) => ({
      manifest,
      wasReleased: lastRelease(root, manifest.name) !== undefined,
      hasChangelog: existsSync(join(root, folder, 'CHANGELOG.md')),
    })),
    changesets,
  ),
);
for (const problem of new Set(problems)) console.error(problem);
for (const what of missingReleases(
  root,
  all.map(({ manifest }) => manifest.name),
))
  console.log(`not compared: ${what}`);
console.log(
  `versions: ${problems.length === 0 ? 'ok' : `${new Set(problems).size} problem(s)`}, ${changesets.length} pending changeset(s)`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
