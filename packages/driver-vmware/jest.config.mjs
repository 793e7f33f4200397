import { fromPackage } from '../../jest.base.mjs';

// Most tests start a simulator, and processes of another client that looks at it.
export default fromPackage(import.meta.url, { testTimeout: 60_000, maxWorkers: 2 });
