import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/**
 * The test configuration of one package; `configUrl` is the `import.meta.url` of its jest.config.mjs.
 * @returns {import('jest').Config}
 */
export function fromPackage(configUrl, overrides = {}) {
  const { name } = JSON.parse(readFileSync(new URL('package.json', configUrl), 'utf8'));
  return {
    displayName: name.replace(/^@[^/]+\//, ''),
    testEnvironment: 'node',
    // No 'import' here: it breaks jest's own CommonJS dependencies.
    testEnvironmentOptions: { customExportConditions: ['@virt-drivers/source', 'node', 'node-addons'] },
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '\\.ts$': ['@swc/jest', swc] },
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    // A machine that two suites share makes tests slow, not wrong.
    testTimeout: 30_000,
    testMatch: ['<rootDir>/**/*.test.{ts,mjs}'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    reporters: ['default', fileURLToPath(new URL('tools/ci/jest-reporter.mjs', import.meta.url))],
    ...overrides,
  };
}
