// The project graph obeys the import rule, also where an import hides from the linter (package.json, build configuration).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forbidden, packagesIn } from './import-rule.mjs';

const runtimeFields = ['dependencies', 'peerDependencies', 'optionalDependencies'];

/** Problems of the manifests: what is installed with a package is what it may import. */
export function manifestProblems(packages, manifestOf) {
  return [...packages.values()].flatMap((from) => {
    const manifest = manifestOf(from);
    const check = (fields, test) =>
      fields
        .flatMap((field) => Object.keys(manifest[field] ?? {}))
        .map((name) => packages.get(name))
        .map((to) => to && forbidden(from, to, { test }))
        .filter(Boolean)
        .map((reason) => `package.json: ${reason}.`);
    return [...check(runtimeFields, false), ...check(['devDependencies'], true)];
  });
}

/** @param {Record<string, {target: string}[]>} dependencies of the graph, by project */
export function graphProblems(packages, dependencies) {
  return Object.entries(dependencies).flatMap(([name, edges]) =>
    edges
      .map(({ target }) => [packages.get(name), packages.get(target)])
      .filter(([from, to]) => from && to)
      .map(([from, to]) => forbidden(from, to, { test: true }))
      .filter(Boolean)
      .map((reason) => `project graph: ${reason}.`),
  );
}

/** The graph as the task runner sees it. */
function graphOf(root) {
  const folder = mkdtempSync(join(tmpdir(), 'project-graph-'));
  try {
    const file = join(folder, 'graph.json');
    const { status, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'nx'), ['graph', `--file=${file}`], {
      cwd: root,
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
    });
    if (status !== 0) throw new Error(`nx graph failed: ${stderr}`);
    return JSON.parse(readFileSync(file, 'utf8')).graph;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function checkProjectGraph(root) {
  const packages = packagesIn(root);
  const manifestOf = ({ folder }) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [
    ...new Set([...manifestProblems(packages, manifestOf), ...graphProblems(packages, graphOf(root).dependencies)]),
  ];
}
