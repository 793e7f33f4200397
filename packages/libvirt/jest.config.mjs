import { fromPackage } from '../../jest.base.mjs';

export default fromPackage(import.meta.url, {
  // Tests start daemons and guests; how long these take is up to the machine.
  testTimeout: 60_000,
  // What needs daemons that must be built has a command: `npm run test:modular`.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/modular/'],
});
