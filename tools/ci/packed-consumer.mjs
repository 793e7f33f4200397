// A program outside of the workspace that installs what would be published.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { environment } from '../setup/steps.mjs';
import { publicProjects } from './projects.mjs';

/** A program that imports and requires the packages it is given. */
export const smoke = `// Both module systems see the same names.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== '__esModule').sort();
for (const specifier of process.argv.slice(2)) {
  const [esm, cjs] = [await import(specifier), require(specifier)];
  assert.deepEqual(names(cjs), names(esm), specifier);
}
`;

/** The same program's types, once for each module system. */
export function typed(specifiers) {
  const imports = specifiers.map((specifier, index) => `import * as m${index} from '${specifier}';\n`).join('');
  return `${imports}export const names: readonly string[] = [${specifiers.map((_, index) => `m${index}`).join(', ')}].flatMap((m) => Object.keys(m));\n`;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    // The declarations themselves are what is checked.
    skipLibCheck: false,
  },
  files: ['esm.mts', 'commonjs.cts'],
};

/** Everything a consumer can import: `@virt-drivers/core`, `@virt-drivers/core/kit`, … */
export function specifiers(projects) {
  return projects.flatMap(({ manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'object')
      .map(([path]) => `${manifest.name}${path.slice(1)}`),
  );
}

/** Installs the packed tarballs that `pack-check` left into a new folder; `close` removes it. */
export function packedConsumer() {
  const projects = publicProjects();
  mkdirSync(join(root, 'temp'), { recursive: true });
  const folder = mkdtempSync(join(root, 'temp', 'consumer-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  const tarballs = projects.map(({ folder: from, manifest }) => [
    manifest.name,
    join(root, from, 'temp', 'package.tgz'),
  ]);
  const missing = tarballs.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  const dependencies = Object.fromEntries(tarballs.map(([name, file]) => [name, `file:${file}`]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }, null, 2));
  writeFileSync(join(folder, 'smoke.mjs'), smoke);
  if (missing.length > 0) return { close, problem: `not packed: ${missing.join(', ')}; run nx run-many -t pack-check` };
  const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) return { close, problem: `the packed packages do not install together: ${stderr.trim()}` };
  const imported = specifiers(projects);
  for (const file of TSCONFIG.files) writeFileSync(join(folder, file), typed(imported));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  return { close, folder, specifiers: imported };
}
