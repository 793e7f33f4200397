import { describeStrictConformance } from './strict-conformance.js';

// Another server than the other runs': the simulator of 2021 that Debian packages, which has other methods and oddities.
await describeStrictConformance({
  title: "conformance on Debian's simulator through the strict proxy",
  variant: 'debian',
  report: 'temp/conformance-debian.json',
});
