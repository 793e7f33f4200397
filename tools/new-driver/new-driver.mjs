// `node tools/new-driver/new-driver.mjs <platform> [folder]`: makes packages/driver-<platform>, ready for its first facet.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFiles } from './package-files.mjs';
import { sourceFiles } from './source-files.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function main([platform = '', folder = join(root, 'packages', `driver-${platform}`)]) {
  if (!/^[a-z][a-z0-9-]*$/.test(platform)) {
    throw new Error(`"${platform}" cannot be the name of a platform; use small letters, digits and hyphens.`);
  }
  if (existsSync(folder)) throw new Error(`${folder} is there already; choose another name or remove it.`);
  for (const [path, text] of Object.entries({ ...packageFiles(platform), ...sourceFiles(platform) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  console.log(`${folder} is ready; run \`npm run lock\`, then its tests.`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
