import { FACETS, KERNEL_FACETS, type FacetName } from '@virt-drivers/core';
import { driver } from '@virt-drivers/driver-memory';
import { runConformance } from '../src/run.js';

const isKernel = (facet: FacetName): boolean => KERNEL_FACETS.some((one) => one === facet);

/** Everything that a driver may lack, as far as this one has it. */
const optional = FACETS.flatMap((facet) => {
  const keys = driver.manifest.capabilities[facet];
  if (keys === undefined) return [];
  return isKernel(facet) ? Object.keys(keys).map((key) => `${facet}.${key}`) : [facet];
});

it('an endpoint that has nothing but the kernel passes every case that applies, the negative ones too', async () => {
  const options = { without: optional.join(','), reason: 'This endpoint has only what every one has.' };
  const { results } = await runConformance({ driver, target: 'memory://narrow', tier: 'memory', options });
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  const negative = results.filter(({ id, outcome }) => id.endsWith('-is-refused') && outcome === 'passed');
  expect(negative.length).toBeGreaterThan(8);
}, 120_000);
