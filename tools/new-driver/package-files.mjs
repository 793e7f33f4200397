// The files beside the sources of a driver package: the same in every one.
const entry = (file) => ({
  import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
  require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
});

function manifestOf(platform) {
  const published = { '.': entry('index'), './package.json': './package.json' };
  return {
    name: `@virt-drivers/driver-${platform}`,
    version: '0.0.0',
    description: `The virt-drivers driver for ${platform}.`,
    license: 'Apache-2.0',
    repository: {
      type: 'git',
      url: 'git+https://github.com/virt-drivers/virt-drivers.git',
      directory: `packages/driver-${platform}`,
    },
    type: 'module',
    sideEffects: false,
    engines: { node: '^20.19.0 || >=22.12.0' },
    exports: {
      '.': { '@virt-drivers/source': './src/index.ts', ...entry('index') },
      './package.json': './package.json',
    },
    main: './dist/index.cjs',
    module: './dist/index.js',
    types: './dist/index.d.ts',
    files: ['dist', 'etc'],
    publishConfig: { access: 'public', exports: published },
    peerDependencies: { '@virt-drivers/core': '>=0.1.0 <1.0.0' },
    devDependencies: { '@virt-drivers/conformance': 'workspace:*', '@virt-drivers/core': 'workspace:*' },
    virtDrivers: { kind: 'driver', apiVersion: '1.0', platform },
  };
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const base = '../../tsconfig.base.json';

const readme = (platform) => `# @virt-drivers/driver-${platform}

The virt-drivers driver for ${platform}.

## Install

## Connect

## Options

## What works

## Permissions needed

## Versions tested

## Known gaps
`;

/** Path → text, without the sources. */
export function packageFiles(platform) {
  return {
    'package.json': json(manifestOf(platform)),
    'README.md': readme(platform),
    'tsconfig.json': json({ extends: base, compilerOptions: { types: ['node', 'jest'] }, include: ['src', 'test'] }),
    'tsconfig.lib.json': json({
      extends: base,
      compilerOptions: { types: ['node'] },
      include: ['src'],
      exclude: ['**/*.test.ts'],
    }),
    'tsup.config.ts':
      "import { fromPackage } from '../../tsup.base.js';\n\nexport default fromPackage(import.meta.url);\n",
    'jest.config.mjs':
      "import { fromPackage } from '../../jest.base.mjs';\n\nexport default fromPackage(import.meta.url);\n",
    'eslint.config.mjs': "export { default } from '../../eslint.config.mjs';\n",
    'test/known-gaps.json': '[]\n',
  };
}
