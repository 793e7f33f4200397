import type { ConformanceCase } from '../../case.js';
import { contentOfVolumes } from './content.js';
import { keepingVolumes } from './keeping.js';
import { makingVolumes } from './making.js';

export const volumes: readonly ConformanceCase[] = [...makingVolumes, ...contentOfVolumes, ...keepingVolumes];
