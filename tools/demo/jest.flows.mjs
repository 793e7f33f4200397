import { fromPackage } from '../../jest.base.mjs';

// What takes too long for every change: `npm run test:flows`.
export default fromPackage(import.meta.url, {
  testMatch: ['<rootDir>/test/flows/*.flows.mjs'],
  testTimeout: 1_800_000,
  maxWorkers: 1,
});
