import { expectMutantsToFail } from './expect-mutants-to-fail.js';
import { powerMutants } from './mutants/power.js';

expectMutantsToFail(powerMutants);
