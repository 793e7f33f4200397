// `node tools/release/version.mjs`: uses up the changesets: versions and changelogs; then everything else that tells a version: the
// sources, the API reports, docs/compatibility.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicProjects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { must } from '../setup/steps.mjs';
import { reportWithVersion, tellVersion } from './src/told-version.mjs';

function updateReports({ folder }, old, version) {
  const etc = join(root, folder, 'etc');
  for (const file of existsSync(etc) ? readdirSync(etc).filter((each) => each.endsWith('.api.md')) : []) {
    const text = readFileSync(join(etc, file), 'utf8');
    writeFileSync(join(etc, file), reportWithVersion(text, old, version));
  }
}

const before = new Map(publicProjects().map(({ manifest }) => [manifest.name, manifest.version]));
must('changeset', ['version']);
for (const project of publicProjects()) {
  const { name, version } = project.manifest;
  if (before.get(name) === version) continue;
  tellVersion(root, project, version);
  updateReports(project, before.get(name), version);
  console.log(`${name} ${before.get(name)} -> ${version}`);
}
must('node', ['tools/release/compatibility.mjs']);
