// `npm run bench [-- PACKAGE… --option …]`: packages' own measurements, one after the other, on builds of this tree.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from '../setup/apt.mjs';
import { root } from '../setup/pnpm.mjs';
import { prepare } from '../setup/setup.mjs';
import { run } from '../setup/steps.mjs';
import { projects } from './projects.mjs';

const main = join('bench', 'bench.mjs');
const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const wanted = args.filter((arg) => !arg.startsWith('-'));
const isWanted = ({ folder }) => wanted.length === 0 || wanted.some((name) => folder.endsWith(`/${name}`));

for (const { what, reason } of await prepare()) console.log(`not prepared: ${what}: ${reason}`);
const measured = projects().filter((project) => existsSync(join(root, project.folder, main)) && isWanted(project));
for (const { folder, manifest } of measured) {
  // Peers that only measurements need, as a JSON list.
  const list = join(root, folder, 'bench', 'debian-packages.json');
  const reason = existsSync(list) && (await installPackages(JSON.parse(readFileSync(list, 'utf8'))));
  if (reason) console.log(`${manifest.name} is measured beside fewer peers: ${reason}`);
}
const failed = measured.filter(({ folder }) => run('node', [join(folder, main), ...options]) !== 0);
if (measured.length === 0)
  console.log(`No package ${wanted.join(', ')} has measurements, which would be in bench/bench.mjs.`);
for (const { manifest } of failed) console.error(`failed: the measurements of ${manifest.name}`);
process.exitCode = failed.length > 0 || measured.length === 0 ? 1 : 0;
