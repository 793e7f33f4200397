// Every rule of this repository that no general linter knows. `--update` lowers the ratchets to what is there now.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkErrorReference } from './src/error-reference.mjs';
import { checkForeignPlaces } from './src/foreign-places.mjs';
import { checkNouns, stillUncovered } from './src/noun-rule.mjs';
import { checkOwners } from './src/owners.mjs';
import { checkProjectGraph } from './src/project-graph.mjs';
import { checkRatchets, lowered, measure } from './src/ratchets.mjs';
import { checkWorkflows } from './src/workflows.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const ratchetFile = join(here, 'ratchet.json');
const { uncoveredFacets, ...limits } = JSON.parse(readFileSync(ratchetFile, 'utf8'));
const measured = measure(root);

if (process.argv.includes('--update')) {
  const ratchet = { uncoveredFacets: stillUncovered(root, uncoveredFacets), ...lowered(measured, limits) };
  writeFileSync(ratchetFile, `${JSON.stringify(ratchet, null, 2)}\n`);
}

const checks = {
  nouns: () => checkNouns(root, { uncoveredFacets }),
  errors: () => checkErrorReference(root),
  ratchets: () => checkRatchets(measured, limits),
  places: () => checkForeignPlaces(root),
  workflows: () => checkWorkflows(root),
  owners: () => checkOwners(root),
  graph: () => checkProjectGraph(root),
};
for (const [name, check] of Object.entries(checks)) {
  const problems = check();
  console.log(`${name}: ${problems.length === 0 ? 'ok' : `${problems.length} problem(s)`}`);
  for (const problem of problems) console.error(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
