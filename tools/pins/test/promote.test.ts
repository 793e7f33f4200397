import {
  blockVersions,
  emptyPins,
  promotePin,
  PinsError,
  type Evidence,
  type Pin,
  type PinsFile,
  type Provenance,
} from '../src/index.js';
import { sameOrigin } from '../src/provenance.js';

const since = '2026-01-01T00:00:00.000Z';
const sha512 = `sha512-${'A'.repeat(86)}==`;
const proof: Evidence = { digest: `sha256:${'0'.repeat(64)}`, suite: 's@1', tier: 'peer', target: 'x://', gaps: [] };

const pin = (change: Partial<Pin>): Pin => ({
  package: '@virt-drivers/driver-x',
  version: '1.0.0',
  kind: 'driver',
  state: 'approved',
  reason: 'Proven.',
  by: 'core-team',
  at: since,
  channels: { next: since },
  integrity: sha512,
  filesDigest: sha512,
  apiVersion: '1.0',
  coreRange: '^0.1.0',
  hypervisors: [],
  conformance: [proof],
  ...change,
});
const core = pin({
  package: '@virt-drivers/core',
  version: '0.1.0',
  kind: 'core',
  conformance: [],
  channels: { next: since, stable: since },
});
const file = (...pins: Pin[]): PinsFile => ({ ...emptyPins(), pins: [core, ...pins] });
const on = (day: number) => ({ now: () => new Date(Date.UTC(2026, 0, day)), by: 'core-team' });

function kinds(run: () => unknown): readonly string[] {
  try {
    run();
    return [];
  } catch (error) {
    if (error instanceof PinsError) return error.problems.map(({ kind }) => kind);
    throw error;
  }
}

describe('promotePin', () => {
  it('copies to stable after a week, in place of what was there', () => {
    const old = pin({ version: '0.9.0', channels: { stable: since } });
    const { file: after } = promotePin(file(old, pin({})), '@virt-drivers/driver-x', 'stable', on(8));
    expect(after.pins.map(({ package: name, version, channels }) => [name, version, Object.keys(channels)])).toEqual([
      ['@virt-drivers/core', '0.1.0', ['next', 'stable']],
      ['@virt-drivers/driver-x', '1.0.0', ['next', 'stable']],
    ]);
  });

  it.each([
    ['too-young', pin({}), 7],
    ['evidence', pin({ conformance: [] }), 8],
    ['evidence', pin({ conformance: [{ ...proof, tier: 'memory' }] }), 8],
    ['blocked', pin({ state: 'blocked' }), 8],
    ['core-range', pin({ coreRange: '^0.2.0' }), 8],
    ['api-version', pin({ apiVersion: '2.0' }), 8],
  ])('refuses what is %s', (kind, given, day) => {
    const present = core.apiVersion === undefined ? core : { ...core, apiVersion: '1.0' };
    const pins = { ...emptyPins(), pins: [present, given] };
    expect(kinds(() => promotePin(pins, '@virt-drivers/driver-x', 'stable', on(day)))).toEqual([kind]);
  });

  it('refuses what is not there, and a channel that takes from none', () => {
    expect(kinds(() => promotePin(file(), '@virt-drivers/driver-x', 'stable', on(8)))).toEqual(['not-pinned']);
    expect(kinds(() => promotePin(file(pin({})), '@virt-drivers/driver-x', 'next', on(8)))).toEqual(['usage']);
  });
});

describe('blockVersions', () => {
  it('marks pins in the range and leaves others', () => {
    const other = pin({ version: '1.2.0', channels: { stable: since } });
    const { file: after, hit } = blockVersions(
      file(pin({}), other),
      { name: '@virt-drivers/driver-x', range: '<1.2.0', reason: 'Bad.' },
      on(9),
    );
    expect(hit.map(({ version, state, reason }) => [version, state, reason])).toEqual([['1.0.0', 'blocked', 'Bad.']]);
    expect(after.pins.filter(({ state }) => state === 'blocked')).toHaveLength(1);
  });

  it('refuses a fix that is blocked itself', () => {
    const request = { name: 'x', range: '<2.0.0', reason: 'Bad.', fixedIn: '1.9.0' };
    expect(kinds(() => blockVersions(file(), request, on(9)))).toEqual(['usage']);
  });
});

describe('sameOrigin', () => {
  const origin: Provenance = {
    repository: 'https://example.org/r',
    workflow: 'release.yml',
    ref: 'refs/heads/main',
    commit: 'c',
    builder: 'b',
  };

  it.each([
    ['another commit', { ...origin, commit: 'd' }, true],
    ['another workflow', { ...origin, workflow: 'other.yml' }, false],
    ['another repository', { ...origin, repository: 'https://example.org/fork' }, false],
    ['none', undefined, false],
  ])('%s', (_, after, same) => {
    expect(sameOrigin(origin, after)).toBe(same);
    expect(sameOrigin(undefined, after)).toBe(true);
  });
});
