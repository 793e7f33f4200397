// `node tools/release/record.mjs`: adds to releases.json what the tags of this clone say, for clones that have no tags.
import { writeFileSync } from 'node:fs';
import { publicProjects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { commitOf } from '../ci/git-answer.mjs';
import { recordedReleases, tagsIn } from './src/releases.mjs';

const known = recordedReleases();
const tags = tagsIn(root);
const versionsOf = (name) => ({
  ...known[name],
  ...Object.fromEntries(
    tags
      .filter((tag) => tag.startsWith(`${name}@`))
      .map((tag) => [tag.slice(name.length + 1), commitOf(root, `refs/tags/${tag}`)]),
  ),
});
const names = [...new Set([...Object.keys(known), ...publicProjects().map(({ manifest }) => manifest.name)])].sort();
const all = names.map((name) => [name, versionsOf(name)]).filter(([, versions]) => Object.keys(versions).length > 0);
writeFileSync(new URL('releases.json', import.meta.url), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
console.log(`releases.json: ${all.length} packages`);
