// Which projects a change can break, from the manifests alone: it knows nothing of the task runner.
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

/** A function from changed paths to the names of all projects that the change can break. */
export function oracleFor(folder) {
  const projects = manifestsIn(folder);
  const usersOf = (name) =>
    projects
      .filter(({ manifest: { dependencies, devDependencies, peerDependencies } }) =>
        Object.hasOwn({ ...dependencies, ...devDependencies, ...peerDependencies }, name),
      )
      .map(({ manifest }) => manifest.name);
  return (paths) => {
    const waiting = projects
      .filter(({ path }) => paths.some((each) => each.startsWith(path)))
      .map(({ manifest }) => manifest.name);
    const affected = new Set();
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (affected.has(name)) continue;
      affected.add(name);
      waiting.push(...usersOf(name));
    }
    return [...affected].sort();
  };
}
