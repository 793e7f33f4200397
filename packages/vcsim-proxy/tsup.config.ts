import { fromPackage } from '../../tsup.base';

// Scripts beside the sources are found by import.meta.url, which CommonJS lacks.
export default { ...fromPackage(import.meta.url), format: ['esm'] };
