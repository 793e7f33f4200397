import type { ConformanceCase } from '../../case.js';
import { pointsOfMachines } from './points.js';
import { revertingMachines } from './reverting.js';

export const snapshots: readonly ConformanceCase[] = [...pointsOfMachines, ...revertingMachines];
