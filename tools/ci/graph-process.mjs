// A process for the task runner's graph, which leaves things open behind it: reads changes from stdin as JSON, see
// `affectedProjects`, and answers with the projects that each can break.
import { createProjectGraphAsync } from '@nx/devkit';
import { text } from 'node:stream/consumers';
import { readNxJson } from 'nx/src/config/nx-json.js';
import { filterAffected } from 'nx/src/project-graph/affected/affected-project-graph.js';
import { calculateFileChanges } from 'nx/src/project-graph/file-utils.js';
import { parseFiles } from 'nx/src/utils/command-line-utils.js';
import { affectedBy, ownerOf, usesOf } from './affected.mjs';
import { projects } from './projects.mjs';

const changes = JSON.parse(await text(process.stdin));
const graph = await createProjectGraphAsync({ exitOnError: true });
const all = projects();
const uses = usesOf(graph.dependencies, all);
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

async function touchedBy(files, change) {
  const { nodes } = await filterAffected(withoutUses, calculateFileChanges(files, change), readNxJson());
  return Object.keys(nodes);
}

// A file of a project is part of that project, and at most an input of others' checks. What belongs to none is part of all that
// name it as an input, of their builds too.
async function affectedSince(change) {
  const { files } = parseFiles(change);
  const owned = files.filter((file) => ownerOf(file, all));
  const shared = files.filter((file) => !ownerOf(file, all));
  const changed = [...owned.map((file) => ownerOf(file, all).manifest.name), ...(await touchedBy(shared, change))];
  return [...new Set([...affectedBy(changed, uses), ...(await touchedBy(owned, change))])].sort();
}

const affected = [];
for (const change of changes) affected.push(await affectedSince(change));
process.stdout.write(`\n${JSON.stringify(affected)}\n`, () => process.exit(0));
