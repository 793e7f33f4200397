// The version that a package's own code tells: a driver in its manifest, others as a constant. It is that of package.json.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const inManifest = (name) => new RegExp(`(\\bname: '${name}',\\s*version: ')([^']+)(')`, 'g');
// Three numbers: a version of an interface has two.
const asConstant = /(\bexport const (?:[A-Z]+_)?VERSION(?:: string)? = ')(\d+\.\d+\.\d+[^']*)(')/g;

const tellers = (name) => [inManifest(name), asConstant];
const sourcesOf = (root, folder) =>
  readdirSync(join(root, folder, 'src'), { recursive: true })
    .filter((path) => /(?<!\.test)\.ts$/.test(path))
    .map((path) => join(folder, 'src', path));

/**
 * Where the sources of a package tell its version.
 * @param {{folder: string, manifest: {name: string}}} project
 * @returns {{file: string, version: string}[]}
 */
export const toldVersions = (root, { folder, manifest: { name } }) =>
  sourcesOf(root, folder).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return tellers(name)
      .flatMap((teller) => [...text.matchAll(teller)])
      .map(([, , version]) => ({ file, version }));
  });

/** What the sources of a package say wrongly, as sentences. */
export const untrueVersions = (root, project) =>
  toldVersions(root, project)
    .filter(({ version }) => version !== project.manifest.version)
    .map(
      ({ file, version }) =>
        `${file} says that ${project.manifest.name} is ${version}, and its package.json ${project.manifest.version}; make versions with: node tools/release/version.mjs`,
    );

/** Writes another version wherever the sources of a package tell it. */
export function tellVersion(root, project, version) {
  for (const file of new Set(toldVersions(root, project).map((told) => told.file))) {
    const write = (text, teller) => text.replace(teller, `$1${version}$3`);
    const text = readFileSync(join(root, file), 'utf8');
    writeFileSync(join(root, file), tellers(project.manifest.name).reduce(write, text));
  }
}

/** The text of an API report with another version of the package; that it has one is part of the API, which one is not. */
export const reportWithVersion = (text, old, version) =>
  text.replace(/(\bversion: |VERSION = )"([^"]+)"/g, (all, before, told) =>
    told === old ? `${before}"${version}"` : all,
  );
