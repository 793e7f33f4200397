import { fromPackage } from '../../jest.base.mjs';

// Tests start daemons and guests; how long these take is up to the machine.
export default fromPackage(import.meta.url, { testTimeout: 60_000 });
