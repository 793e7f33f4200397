import { fromPackage } from '../../jest.base.mjs';

// Every case starts processes of its own, some of which boot a guest.
export default fromPackage(import.meta.url, { testTimeout: 300_000, maxWorkers: 1 });
