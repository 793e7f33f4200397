import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { repoPlugin } from './tools/repo-lint/src/eslint-plugin.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const maxLines = (max) => ({ 'max-lines': ['error', { max }] });
const nodeGlobals = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'clearInterval',
  'clearTimeout',
  'console',
  'exports',
  'fetch',
  'module',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
];
const shells = [
  {
    selector: 'Property[key.name="shell"]:not([value.value=false])[value.type="Literal"]',
    message: 'No shell: give the program its arguments as a list.',
  },
  {
    selector: 'TSTypeAssertion',
    message: 'Write casts as `value as Type`, with a comment that says why it holds.',
  },
];
const childProcess = [
  { name: 'child_process', message: "Write 'node:child_process'." },
  {
    name: 'node:child_process',
    importNames: ['exec', 'execSync'],
    message: 'exec takes a shell string; use execFile or spawn.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/temp/',
      '**/coverage/',
      '**/node_modules/',
      '.nx/',
      '.tools/',
      '.nodes/',
      '**/tsup.config.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    plugins: { 'virt-drivers': repoPlugin(root) },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'virt-drivers/import-rule': 'error',
      'virt-drivers/file-name': 'error',
      'virt-drivers/whole-facet': 'error',
      'no-restricted-imports': ['error', { paths: childProcess }],
      'no-restricted-syntax': ['error', ...shells],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'off',
      ...maxLines(300),
      'no-control-regex': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/src/**/*.ts', '**/test/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['**/*.test.{ts,mjs}', '**/test/**'], rules: maxLines(400) },
  { files: ['**/*.gen.ts'], rules: { 'max-lines': 'off', '@typescript-eslint/no-unused-vars': 'off' } },
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['**/*.test.mjs', '**/test/**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['describe', 'it', 'test', 'expect', 'beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
);
