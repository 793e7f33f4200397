import { describeConformance } from '@virt-drivers/conformance/jest';
import { driver } from '../src/index.js';

describeConformance({ driver, target: 'memory://conformance', tier: 'memory' });
