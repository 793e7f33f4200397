import { describeStrictConformance } from './strict-conformance.js';

// A host that no vCenter manages: what only a vCenter does is narrowed away, and the cases for that look that it is.
await describeStrictConformance({
  title: 'conformance on one ESXi host through the strict proxy',
  esx: true,
  report: 'temp/conformance-esxi.json',
});
