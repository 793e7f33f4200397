import { fromPackage } from '../../jest.base.mjs';

export default fromPackage(import.meta.url, { testMatch: ['<rootDir>/test/modular/**/*.test.ts'] });
