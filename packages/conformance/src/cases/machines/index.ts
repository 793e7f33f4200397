import type { ConformanceCase } from '../../case.js';
import { changingMachines } from './changing.js';
import { findingMachines } from './finding.js';
import { makingMachines } from './making.js';
import { namesOfMachines } from './names.js';
import { recordsOfMachines } from './records.js';

export const machines: readonly ConformanceCase[] = [
  ...makingMachines,
  ...namesOfMachines,
  ...findingMachines,
  ...recordsOfMachines,
  ...changingMachines,
];
