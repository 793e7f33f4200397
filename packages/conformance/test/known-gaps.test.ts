import { parseKnownGaps, problemsOfGaps } from '../src/known-gaps.js';

const gap = { id: 'a/known', reason: 'It is not there yet.', until: '2026-06-30' };
const known = new Set(['a/known']);
const on = (day: string): Date => new Date(`${day}T12:00:00Z`);

describe('known gaps', () => {
  it('are excused up to and including their last day', () => {
    expect(problemsOfGaps([gap], known, on('2026-06-30'))).toEqual([]);
    expect(problemsOfGaps([gap], known, on('2026-07-01'))).toEqual([expect.stringContaining('until 2026-06-30')]);
  });

  it('must name a case, and once', () => {
    expect(problemsOfGaps([{ ...gap, id: 'a/other' }], known, on('2026-01-01'))).toEqual([
      expect.stringContaining('no case'),
    ]);
    expect(problemsOfGaps([gap, gap], known, on('2026-01-01'))).toEqual([expect.stringContaining('twice')]);
  });

  it.each([
    ['no list', {}],
    ['no reason', [{ ...gap, reason: '' }]],
    ['no day', [{ id: gap.id, reason: gap.reason }]],
    ['a day that is none', [{ ...gap, until: 'soon' }]],
    ['an unknown member', [{ ...gap, skip: true }]],
  ])('are refused with %s', (_, value) => {
    expect(() => parseKnownGaps(value, 'gaps.json')).toThrow(/gaps\.json/);
  });
});
