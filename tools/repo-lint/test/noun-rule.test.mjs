import { checkNouns, claimedFacets, stillUncovered } from '../src/noun-rule.mjs';
import { sampleTree } from './sample-tree.mjs';

const complete = {
  'packages/core/src/contract/power.ts': '',
  'packages/core/src/contract/remote-volumes.ts': '',
  'docs/contract/power.md': '',
  'docs/contract/remote-volumes.md': '',
  'packages/conformance/src/cases/power.ts': '',
  'packages/conformance/src/cases/remote-volumes/index.ts': '',
  'packages/driver-x/src/capabilities.ts':
    'export const capabilities = {\n  power: {},\n  remoteVolumes: { nfs: true },\n};\n',
  'packages/driver-x/src/power.ts': '',
  'packages/driver-x/src/remote-volumes.ts': '',
};
const without = (file) => sampleTree(Object.fromEntries(Object.entries(complete).filter(([path]) => path !== file)));

describe('the noun rule', () => {
  it('accepts a facet that has its name everywhere', () => {
    expect(checkNouns(sampleTree(complete))).toEqual([]);
  });

  it.each([
    ['docs/contract/power.md', 'Facet power has no page docs/contract/power.md.'],
    ['packages/driver-x/src/remote-volumes.ts', 'driver-x claims remote-volumes but has no src/remote-volumes.ts.'],
    ['packages/driver-x/src/capabilities.ts', 'driver-x has no src/capabilities.ts, so nothing says what it can do.'],
    [
      'packages/conformance/src/cases/power.ts',
      'Facet power has no conformance cases: packages/conformance/src/cases/power.ts is missing.',
    ],
  ])('notices that %s is missing', (file, problem) => {
    expect(checkNouns(without(file))).toEqual([problem]);
  });

  it('takes a facet without cases only from the list, and only as long as it needs to', () => {
    const root = without('packages/conformance/src/cases/power.ts');
    expect(checkNouns(root, { uncoveredFacets: ['power'] })).toEqual([]);
    expect(checkNouns(sampleTree(complete), { uncoveredFacets: ['power'] })).toHaveLength(1);
    expect(stillUncovered(root, ['power', 'remote-volumes', 'gone'])).toEqual(['power']);
  });

  it('reads no facet from nested keys', () => {
    expect(claimedFacets('{\n  hosts: {\n    power: true,\n  },\n}', ['hosts', 'power'])).toEqual(['hosts']);
  });
});
