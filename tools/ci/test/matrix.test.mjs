import { compareMatrix, readMatrix } from '../matrix-page.mjs';

const run = (driver, change = {}) => ({
  driver,
  version: '1.0.0',
  tier: 'peer',
  hypervisor: 'X 7',
  cases: '2 passed',
  ...change,
});
const row = (cells) => `| ${cells.join(' | ')} |`;

/** A page as the suite writes it: `rows` are lists of cells, one per driver after the name. */
function page(runs, drivers, rows, reasons = []) {
  const head = ['driver', 'version', 'tier', 'hypervisor', 'cases'];
  return [
    '# Support matrix',
    '',
    ...[head, head.map(() => '---'), ...runs.map((each) => head.map((name) => each[name]))].map(row),
    '',
    '## power',
    '',
    ...[['', ...drivers], ['---', ...drivers.map(() => '---')], ...rows].map(row),
    '',
    '## Reasons',
    '',
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
  ].join('\n');
}
const both = page(
  [run('x'), run('y')],
  ['x', 'y'],
  [
    ['`power/start`', 'peer', 'peer'],
    ['`power/stop`', 'no [1]', 'gap [2]'],
    ['**power.only-of-y**', '–', 'peer'],
  ],
  ['It has none.', 'Not yet.'],
);
const ofY = (rows, change) => page([run('y', change)], ['y'], rows, ['Not yet.']);
const rowsOfY = [
  ['`power/start`', 'peer'],
  ['`power/stop`', 'gap [1]'],
  ['**power.only-of-y**', 'peer'],
];

it('a page is read with its reasons, whatever their numbers are', () => {
  const { runs, columns } = readMatrix(both);
  expect(runs).toEqual([run('x'), run('y')]);
  expect(columns.get('y').get('`power/stop`')).toBe('gap (Not yet.)');
});

describe('a matrix', () => {
  it('is current when the runs say the same', () => {
    expect(compareMatrix(both, both)).toEqual({ stale: [], unknown: [] });
  });

  it('is compared for the drivers that ran, and says which did not', () => {
    expect(compareMatrix(both, ofY(rowsOfY))).toEqual({
      stale: [],
      unknown: ['x 1.0.0 on X 7 (peer) did not run here'],
    });
  });

  it.each([
    ['a case that does not work any more', [['`power/start`', 'fails'], ...rowsOfY.slice(1)], {}, 'y: `power/start`'],
    ['a new case', [...rowsOfY, ['`power/reset`', 'peer']], {}, 'y: `power/reset`'],
    ['a case that is gone', rowsOfY.slice(1), {}, 'y: `power/start`'],
    ['another number of cases', rowsOfY, { cases: '3 passed' }, 'y 1.0.0 on X 7 (peer): 3 passed'],
    ['another version of the driver', rowsOfY, { version: '1.1.0' }, 'it has no run of y 1.1.0 on X 7 (peer)'],
    ['another tier', rowsOfY, { tier: 'live' }, 'it has no run of y 1.0.0 on X 7 (live)'],
  ])('is old after %s', (_, rows, change, problem) => {
    expect(compareMatrix(both, ofY(rows, change)).stale).toEqual([problem]);
  });

  it('is old after another reason', () => {
    expect(compareMatrix(both, ofY(rowsOfY).replace('Not yet.', 'Never.')).stale).toEqual(['y: `power/stop`']);
  });

  it('is old when a driver is missing', () => {
    expect(compareMatrix(both, page([run('z')], ['z'], [])).stale).toEqual(['it has no run of z 1.0.0 on X 7 (peer)']);
  });

  it('says nothing about another version of a hypervisor', () => {
    const { stale, unknown } = compareMatrix(both, ofY([], { hypervisor: 'X 8' }));
    expect(stale).toEqual([]);
    expect(unknown).toContain('y 1.0.0 on X 8 (peer) is not the run that is on the page');
  });
});
