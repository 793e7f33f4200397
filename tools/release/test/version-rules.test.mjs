import { bumpOf, parseChangeset } from '../src/changesets.mjs';
import { accidentalMajors, apiProblems, bumpSince, narrowedPeers, silentFirstReleases } from '../src/version-rules.mjs';

const changeset = (releases) => [
  parseChangeset(
    '.changeset/a.md',
    `---\n${Object.entries(releases)
      .map(([name, bump]) => `"${name}": ${bump}\n`)
      .join('')}---\n\nText.\n`,
  ),
];
const core = '@virt-drivers/core';
const driver = '@virt-drivers/driver-x';

describe('changesets', () => {
  it('say what is released as what', () => {
    expect(bumpOf([...changeset({ [core]: 'patch' }), ...changeset({ [core]: 'minor' })], core)).toBe('minor');
    expect(bumpOf(changeset({ [core]: 'patch' }), driver)).toBe('none');
  });

  it.each([['no front matter'], ['---\n"a": huge\n---\n']])('are refused when they read %j', (text) => {
    expect(() => parseChangeset('a.md', text)).toThrow('Changeset a.md');
  });
});

describe('the way from an earlier version to the next', () => {
  const since = (earlier, version, bump) =>
    bumpSince(earlier, { name: core, version }, bump ? changeset({ [core]: bump }) : []);

  it.each([
    ['1.0.0', '1.0.0', undefined, 'none'],
    ['1.0.0', '1.0.0', 'patch', 'patch'],
    ['0.1.0', '0.1.0', 'minor', 'minor'],
    ['1.0.0', '1.1.0', undefined, 'minor'],
    ['1.0.0', '1.1.0', 'patch', 'minor'],
    ['1.0.0', '1.1.0', 'major', 'major'],
    ['1.0.0', '2.0.0-rc.1', undefined, 'major'],
  ])('from %s, now %s with %s, is %s', (earlier, version, bump, way) => {
    expect(since(earlier, version, bump)).toBe(way);
  });
});

describe('the API report and the changeset', () => {
  const problems = (change, bump) => apiProblems({ name: core, change, names: ['open'] }, bump ?? 'none');

  it.each([
    ['none', undefined],
    ['none', 'patch'],
    ['additions', 'minor'],
    ['additions', 'major'],
    ['breaking', 'major'],
  ])('agree: %s, %s', (change, bump) => expect(problems(change, bump)).toEqual([]));

  it.each([
    ['additions', undefined, 'has no changeset; it needs minor'],
    ['additions', 'patch', 'says patch; it needs minor'],
    ['breaking', 'patch', 'says patch; it needs major'],
    ['breaking', 'minor', 'says minor; it needs major'],
  ])('are refused when they lie: %s, %s', (change, bump, message) => {
    expect(problems(change, bump)).toEqual([expect.stringContaining(message)]);
  });
});

it('no package is published for the first time without a word', () => {
  const problems = (rest, changesets = []) =>
    silentFirstReleases([{ manifest: { name: driver }, wasReleased: false, hasChangelog: false, ...rest }], changesets);
  expect(problems({})).toEqual([expect.stringContaining('no changeset says what it is')]);
  expect(problems({}, changeset({ [driver]: 'minor' }))).toEqual([]);
  expect(problems({ wasReleased: true })).toEqual([]);
  expect(problems({ hasChangelog: true })).toEqual([]);
  expect(problems({ manifest: { name: driver, private: true } })).toEqual([]);
});

describe('the range of core that a driver accepts', () => {
  const manifest = (range, version = '1.0.0') => ({ name: driver, version, peerDependencies: { [core]: range } });
  const narrowed = (before, after, bump) => narrowedPeers(manifest(before), manifest(after), bump ?? 'none');

  it.each([
    ['^1.0.0', '^1.0.0', undefined],
    ['^1.0.0', '^1.0.0 || ^2.0.0', 'minor'],
    ['^1.0.0', '^2.0.0', 'major'],
  ])('may go from %s to %s with %s', (...args) => expect(narrowed(...args)).toEqual([]));

  it.each([
    ['^1.0.0', '^1.2.0', 'minor'],
    ['^1.0.0', '^2.0.0', 'patch'],
    ['^1.0.0 || ^2.0.0', '^2.0.0', undefined],
  ])('is refused from %s to %s with %s', (...args) => {
    expect(narrowed(...args)).toEqual([expect.stringContaining('narrows its range')]);
  });

  const accidental = (range, bump, own) =>
    accidentalMajors(
      [{ name: core, version: '1.2.0' }, manifest(range)],
      changeset({ [core]: bump, ...(own && { [driver]: own }) }),
    );

  it('makes no major by accident', () => {
    expect(accidental('^1.0.0', 'minor')).toEqual([]);
    expect(accidental('^1.0.0 || ^2.0.0', 'major')).toEqual([]);
    expect(accidental('^1.0.0', 'major', 'major')).toEqual([]);
    expect(accidental('^1.0.0', 'major')).toEqual([expect.stringContaining('widen its range to "^1.0.0 || ^2.0.0"')]);
    expect(accidental('^1.0.0', 'major', 'patch')).toHaveLength(1);
  });
});
