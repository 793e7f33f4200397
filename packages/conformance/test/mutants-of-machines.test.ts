import { expectMutantsToFail } from './expect-mutants-to-fail.js';
import { machineMutants } from './mutants/machines.js';

expectMutantsToFail(machineMutants);
