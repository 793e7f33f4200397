import { fromPackage } from '../../jest.base.mjs';

// Real files, processes and tools: a busy machine makes them slow, not wrong.
export default fromPackage(import.meta.url, { testTimeout: 60_000 });
