import { expectMutantsToFail } from './expect-mutants-to-fail.js';
import { deviceMutants } from './mutants/devices.js';

expectMutantsToFail(deviceMutants);
