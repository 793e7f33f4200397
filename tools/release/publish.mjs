// `node tools/release/publish.mjs <folder>`: publishes the proven bytes, with provenance in GitHub Actions. RELEASE_DIGEST is
// the digest that pack.mjs printed. May be repeated after a failure: what is there already is compared, not replaced.
import { resolve } from 'node:path';
import { publishFile } from './src/publish-files.mjs';
import { readRelease } from './src/release-file.mjs';

try {
  for (const packed of readRelease(resolve(process.argv[2]), process.env.RELEASE_DIGEST)) {
    const provenance = process.env.GITHUB_ACTIONS === 'true';
    console.log(`${packed.name}@${packed.version} ${publishFile(packed, { provenance })}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
