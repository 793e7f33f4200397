import { describeStrictConformance } from './strict-conformance.js';

await describeStrictConformance({
  title: 'conformance through the strict proxy',
  knownGaps: ['known-gaps.json'],
  report: 'temp/conformance-strict.json',
});
