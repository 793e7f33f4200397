import { describeStrictConformance } from './strict-conformance.js';

await describeStrictConformance({
  title: 'conformance through the strict proxy',
  report: 'temp/conformance-strict.json',
});
