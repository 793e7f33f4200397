// Runs inside of a workspace: reads `[base, head]` pairs from stdin as JSON and answers with the plan of each.
// One process for all of them, with the functions that `nx show projects --affected` is made of.
import { createProjectGraphAsync } from '@nx/devkit';
import { text } from 'node:stream/consumers';
import { readNxJson } from 'nx/src/config/nx-json.js';
import { filterAffected } from 'nx/src/project-graph/affected/affected-project-graph.js';
import { calculateFileChanges } from 'nx/src/project-graph/file-utils.js';
import { parseFiles } from 'nx/src/utils/command-line-utils.js';
import { planOf } from '../../plan.mjs';

const ranges = JSON.parse(await text(process.stdin));
const graph = await createProjectGraphAsync({ exitOnError: true });
const drivers = Object.values(graph.nodes)
  .filter(({ data }) => data.tags?.includes('kind:driver'))
  .map(({ name }) => name);

const plans = [];
for (const [base, head] of ranges) {
  const { files } = parseFiles({ base, head });
  const affected = await filterAffected(graph, calculateFileChanges(files, { base, head }), readNxJson());
  const names = Object.keys(affected.nodes).sort();
  plans.push({ affected: names, ...planOf(names, drivers.sort()) });
}
console.log(JSON.stringify({ drivers, plans }));
process.exit(0);
