import { compatibilityPage, provenVersions } from '../src/compatibility.mjs';

const driver = {
  name: '@virt-drivers/driver-x',
  version: '1.2.0',
  peerDependencies: { '@virt-drivers/core': '^1.0.0 || ^2.0.0' },
  virtDrivers: { kind: 'driver', apiVersion: '1.0' },
};
const core = { name: '@virt-drivers/core', version: '2.0.0', virtDrivers: { kind: 'core', apiVersion: '1.1' } };
const report = (change = {}) => ({
  driver: { name: driver.name, version: driver.version },
  tier: 'peer',
  partial: false,
  problems: [],
  environment: { hosts: [{ product: 'X', version: '7.2' }] },
  summary: { passed: 200, failed: 0, gap: 0 },
  ...change,
});

describe('a hypervisor version is proven', () => {
  it('by a whole run of this driver version, and named once', () => {
    expect(provenVersions(driver, [report(), report()])).toEqual(['X 7.2 (peer: 200 cases)']);
  });

  it('with its known gaps told', () => {
    const summary = { passed: 198, failed: 0, gap: 2 };
    expect(provenVersions(driver, [report({ summary })])).toEqual(['X 7.2 (peer: 198 cases, 2 known gaps)']);
  });

  it.each([
    ['a part of the cases', { partial: true }],
    ['a failure', { summary: { passed: 199, failed: 1, gap: 0 } }],
    ['a list of gaps that is not in order', { problems: ['gap x passed'] }],
    ['another version', { driver: { name: driver.name, version: '1.1.0' } }],
    ['another driver', { driver: { name: '@virt-drivers/driver-y', version: '1.2.0' } }],
  ])('not by %s', (_, change) => {
    expect(provenVersions(driver, [report(change)])).toEqual([]);
  });
});

it('the page has a row per driver', () => {
  const page = compatibilityPage([core, driver], [report()]);
  const row = '| `@virt-drivers/driver-x` | 1.2.0 | 1.0 | `^1.0.0 \\|\\| ^2.0.0` | X 7.2 (peer: 200 cases) |';
  expect(page).toContain(row);
  expect(compatibilityPage([core, driver], [])).toContain('| none |');
});
