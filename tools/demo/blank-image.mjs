import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

/** A raw image with some content, for a driver that simulates its guests. */
export async function writeBlankImage(path) {
  // Zeros first: content that begins like another format would rightly be refused.
  const content = Buffer.concat([Buffer.alloc(65_536), randomBytes(1_048_576 - 65_536)]);
  await writeFile(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}
