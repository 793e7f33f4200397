// Which projects a change can break, from the manifests alone: it knows nothing of the task runner. It asks the other way round
// than the plan: what does a project consist of when its suites run?
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

function manifestsIn(folder) {
  return ['packages', 'tools'].flatMap((parent) =>
    readdirSync(join(folder, parent))
      .filter((name) => existsSync(join(folder, parent, name, 'package.json')))
      .map((name) => ({
        path: `${parent}/${name}/`,
        manifest: JSON.parse(readFileSync(join(folder, parent, name, 'package.json'), 'utf8')),
      })),
  );
}

const installedWith = ({ dependencies, optionalDependencies, peerDependencies }) =>
  Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
const usedBy = (manifest) => [...installedWith(manifest), ...Object.keys(manifest.devDependencies ?? {})];

/** Everything that runs when the suites of a project run: for what it uses that is published, only what is installed with that. */
function partsOf(project, byName) {
  const parts = new Set([project.manifest.name]);
  const waiting = usedBy(project.manifest);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const part = byName.get(name);
    if (!part || parts.has(name)) continue;
    parts.add(name);
    waiting.push(...(part.manifest.private ? usedBy(part.manifest) : installedWith(part.manifest)));
  }
  return parts;
}

/** A function from changed paths to the names of all projects that the change can break. */
export function oracleFor(folder) {
  const projects = manifestsIn(folder);
  const byName = new Map(projects.map((project) => [project.manifest.name, project]));
  const parts = projects.map((project) => ({ name: project.manifest.name, parts: partsOf(project, byName) }));
  return (paths) => {
    const changed = projects.filter(({ path }) => paths.some((each) => each.startsWith(path)));
    return parts
      .filter((project) => changed.some(({ manifest }) => project.parts.has(manifest.name)))
      .map(({ name }) => name)
      .sort();
  };
}
