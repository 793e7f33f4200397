import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/', '**/temp/', '**/coverage/', '**/node_modules/', '.nx/', '.tools/', '.nodes/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
);
