import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

/**
 * The sources as JavaScript that a plain Node process can import, in temp/, from where ../host is found as from src/.
 * Returns the module to import.
 */
export async function compiledSources(): Promise<string> {
  const sources = new URL('../src/', import.meta.url);
  const output = new URL('../temp/', import.meta.url);
  await mkdir(output, { recursive: true });
  for (const file of await readdir(sources)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const { code } = await transform(await readFile(new URL(file, sources), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    // Renamed into place, because another test file may be importing the same.
    const target = fileURLToPath(new URL(file.replace(/ts$/, 'js'), output));
    await writeFile(`${target}.${process.pid}`, code);
    await rename(`${target}.${process.pid}`, target);
  }
  return fileURLToPath(new URL('index.js', output));
}
