import { expectMutantsToFail } from './expect-mutants-to-fail.js';
import { eventMutants } from './mutants/events.js';

expectMutantsToFail(eventMutants);
