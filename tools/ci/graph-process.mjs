// A process for the task runner's graph, which leaves things open behind it: reads changes from stdin as JSON, see
// `affectedProjects`, and answers with the projects that each can break.
import { createProjectGraphAsync } from '@nx/devkit';
import { text } from 'node:stream/consumers';
import { readNxJson } from 'nx/src/config/nx-json.js';
import { filterAffected } from 'nx/src/project-graph/affected/affected-project-graph.js';
import { calculateFileChanges } from 'nx/src/project-graph/file-utils.js';
import { parseFiles } from 'nx/src/utils/command-line-utils.js';
import { affectedBy, usesOf } from './affected.mjs';

const changes = JSON.parse(await text(process.stdin));
const graph = await createProjectGraphAsync({ exitOnError: true });
const uses = usesOf(graph.dependencies);
// Between projects the edges are ours to follow; those to packages of others are the task runner's.
const withoutUses = {
  ...graph,
  dependencies: Object.fromEntries(
    Object.entries(graph.dependencies).map(([name, edges]) => [
      name,
      edges.filter(({ target }) => graph.nodes[target] === undefined),
    ]),
  ),
};

async function touchedBy(change) {
  const { files } = parseFiles(change);
  const { nodes } = await filterAffected(withoutUses, calculateFileChanges(files, change), readNxJson());
  return Object.keys(nodes);
}

const affected = [];
for (const change of changes) affected.push(affectedBy(await touchedBy(change), uses));
process.stdout.write(`\n${JSON.stringify(affected)}\n`, () => process.exit(0));
