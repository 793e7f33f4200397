// The projects of the workspace, read from their manifests.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';

/** Every project of this workspace, or of another one: its folder from there, its manifest. */
export function projects(workspace = root) {
  return ['packages', 'tools'].flatMap((parent) =>
    readdirSync(join(workspace, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(workspace, folder, 'package.json')))
      .map((folder) => ({
        folder,
        manifest: JSON.parse(readFileSync(join(workspace, folder, 'package.json'), 'utf8')),
      })),
  );
}

/** The projects that are published. */
export const publicProjects = () => projects().filter(({ manifest }) => !manifest.private);

/** The absolute folder of a project; the root for the workspace itself. */
export function projectFolder(name) {
  const project = projects().find(({ manifest }) => manifest.name === name);
  return join(root, project?.folder ?? '');
}
