import { fromPackage } from '../../jest.base.mjs';

// The first start of a simulator may have to build it.
export default fromPackage(import.meta.url, { testTimeout: 120_000 });
