import { compatibilityPage, provenVersions, runsOf } from '../src/compatibility.mjs';

const driver = {
  name: '@virt-drivers/driver-x',
  version: '1.2.0',
  peerDependencies: { '@virt-drivers/core': '^1.0.0 || ^2.0.0' },
  virtDrivers: { kind: 'driver', apiVersion: '1.0', platform: 'x' },
};
const core = { name: '@virt-drivers/core', version: '2.0.0', virtDrivers: { kind: 'core', apiVersion: '1.1' } };
const row = ({ name = 'x', version = '1.2.0', hypervisor = 'X 7.2', failed = 0, gaps = 0 } = {}) =>
  `| ${name} | ${version} | peer | ${hypervisor} | 200 passed, ${failed} failed, ${gaps} known gaps, 9 do not apply |`;
const matrix = (...rows) =>
  ['# Support matrix', '', '| driver | version |', '| --- | --- |', ...rows, '', '| `power/start` | peer |'].join('\n');
const proven = (...rows) => provenVersions(driver, runsOf(matrix(...rows)));

describe('a hypervisor version is proven', () => {
  it('by a run of this driver version, and named once', () => {
    expect(proven(row(), row({ hypervisor: 'X 7.2, X 7.2' }))).toEqual(['X 7.2 (peer: 200 cases)']);
  });

  it('with its known gaps told', () => {
    expect(proven(row({ gaps: 2 }))).toEqual(['X 7.2 (peer: 200 cases, known gaps: 2)']);
  });

  it.each([
    ['a run with a failure', { failed: 1 }],
    ['a run of another version', { version: '1.1.0' }],
    ['a run of another driver', { name: 'xy' }],
  ])('not by %s', (_, change) => expect(proven(row(change))).toEqual([]));
});

it('the page has a row per driver', () => {
  const page = compatibilityPage([core, driver], matrix(row()));
  expect(page).toContain(
    '| `@virt-drivers/driver-x` | 1.2.0 | 1.0 | `^1.0.0 \\|\\| ^2.0.0` | X 7.2 (peer: 200 cases) |',
  );
  expect(compatibilityPage([core, driver], '')).toContain('| nothing |');
});
