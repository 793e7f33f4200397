import { fromPackage } from '../../tsup.base.js';

export default fromPackage(import.meta.url);
