import { expectMutantsToFail } from './expect-mutants-to-fail.js';
import { callMutants } from './mutants/calls.js';

expectMutantsToFail(callMutants);
