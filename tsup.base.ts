import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Entries are what package.json promises: every export with a source, every bin. */
function entriesOf(manifest: Manifest): Record<string, string> {
  const sources = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'object' && target !== null && '@virt-drivers/source' in target
      ? [String(target['@virt-drivers/source'])]
      : [],
  );
  const bins = Object.values(manifest.bin ?? {}).map((file) =>
    file.replace(/^(\.\/)?dist\//, './src/').replace(/\.js$/, '.ts'),
  );
  return Object.fromEntries(
    [...new Set([...sources, ...bins])].map((file) => [file.replace(/^\.\/src\//, '').replace(/\.ts$/, ''), file]),
  );
}

/** The build of one package, read from its package.json; `configUrl` is the `import.meta.url` of its tsup.config.ts. */
export function fromPackage(configUrl: string) {
  const manifest = JSON.parse(readFileSync(new URL('package.json', configUrl), 'utf8')) as Manifest;
  return defineConfig({
    entry: entriesOf(manifest),
    format: ['esm', 'cjs'],
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    clean: true,
    // import.meta.url in CommonJS.
    shims: true,
    // In CommonJS too, or each entry would carry its own copy of the error classes.
    splitting: true,
    tsconfig: 'tsconfig.lib.json',
    // Without the source condition: declarations of other packages come from their build.
    dts: { compilerOptions: { noEmit: false, customConditions: [] } },
  });
}
