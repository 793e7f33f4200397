import { fromPackage } from '../../jest.base.mjs';

// What needs a machine with a kernel of its own has a command: `npm run test:storage`.
export default fromPackage(import.meta.url, {
  testTimeout: 60_000,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/storage/'],
});
