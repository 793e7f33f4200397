import { fromPackage } from '../../jest.base.mjs';

// Real files and qemu-img: a busy machine makes them slow, not wrong.
export default fromPackage(import.meta.url, { testTimeout: 60_000 });
