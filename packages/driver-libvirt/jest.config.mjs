import { fromPackage } from '../../jest.base.mjs';

// What needs a Ceph cluster, and most of what needs a machine with a kernel of its own, has a command: `npm run test:storage`.
// One case of each kind on such a machine is in test/lab, and runs always.
export default fromPackage(import.meta.url, { testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/storage/'] });
