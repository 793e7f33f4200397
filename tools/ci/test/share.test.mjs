import { shares } from '../bench/share.mjs';

const tasks = [
  { project: 'driver-a', name: 'driver-a:test' },
  { project: 'flows', name: 'flows:test' },
  { project: 'core', name: 'core:test' },
];
const changes = [
  { driver: 'driver-a', affected: ['driver-a', 'flows'] },
  { driver: 'driver-b', affected: ['core'] },
];

describe('the part of a whole run that a change of a driver needs', () => {
  it('is the time of what it affects, of the time of all', () => {
    const times = { 'driver-a:test': 20_000, 'flows:test': 10_000, 'core:test': 70_000, 'gone:test': 9_000_000 };
    expect(shares(tasks, times, changes)).toEqual([
      { what: 'a change of driver-a', met: true, text: '30 of 100 s, 30 %, budget 40 %' },
      { what: 'a change of driver-b', met: false, text: '70 of 100 s, 70 %, budget 40 %' },
    ]);
  });

  it('is not known as long as a task never ran', () => {
    const [share] = shares(tasks, { 'driver-a:test': 1000, 'core:test': 99_000 }, changes);
    expect(share).toMatchObject({ met: false, text: expect.stringContaining('never ran here: flows:test') });
  });
});
