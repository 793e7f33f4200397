import { fromPackage } from '../../jest.base.mjs';

export default fromPackage(import.meta.url, { testTimeout: 60_000 });
