import { fromPackage } from '../../jest.base.mjs';

// Every case moves disks through a simulator.
export default fromPackage(import.meta.url, { testTimeout: 120_000, maxWorkers: 1 });
