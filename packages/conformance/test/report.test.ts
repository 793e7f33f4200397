import { readFileSync } from 'node:fs';
import { driver } from '@virt-drivers/driver-memory';
import { renderMatrix } from '../src/matrix/render-matrix.js';
import { canonicalJson } from '../src/report/canonical-json.js';
import { parseReport, reportOf, type Report } from '../src/report/report.js';
import { runConformance } from '../src/run.js';
import { SUITE_VERSION } from '../src/suite-version.js';

let report: Report;

beforeAll(async () => {
  const options = { without: 'suspension.save', reason: 'There is no room for it.' };
  const knownGaps = [{ id: 'hosts/list-is-not-empty', reason: 'Nobody knows why.', until: '2999-01-01' }];
  const run = await runConformance({
    driver,
    target: 'memory://',
    tier: 'memory',
    options,
    knownGaps,
    only: ['hosts/', 'suspension/'],
  });
  report = reportOf(run, true);
}, 60_000);

describe('a report', () => {
  it('survives JSON', () => {
    expect(parseReport(JSON.parse(JSON.stringify(report)), 'r.json')).toEqual(report);
  });

  it('is refused when it was changed', () => {
    const better = { ...report, summary: { ...report.summary, failed: 0, passed: 999 } };
    expect(() => parseReport(better, 'r.json')).toThrow(/digest/);
  });

  it('is refused when it has another shape', () => {
    expect(() => parseReport({ ...report, schemaVersion: 2 }, 'r.json')).toThrow(/schemaVersion/);
    expect(() => parseReport({}, 'r.json')).toThrow(/r\.json/);
  });

  it('names the suite as package.json does', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(SUITE_VERSION).toBe(version);
  });

  it('has canonical bytes', () => {
    expect(canonicalJson({ b: 1n, a: [{ d: null, c: 2 }] })).toBe('{"a":[{"c":2,"d":null}],"b":"1"}');
  });
});

describe('the support matrix', () => {
  const rowOf = (text: string, name: string): string | undefined =>
    text.split('\n').find((line) => line.startsWith(`| ${name} `));
  const twin = (change: (copy: Report) => Partial<Report>): Report => ({ ...report, ...change(report) });

  it('shows what was proven, where, and why not', () => {
    const text = renderMatrix([report]);
    expect(rowOf(text, '`suspension/pause-and-resume`')).toContain('| memory |');
    expect(rowOf(text, '**suspension.save**')).toContain('| no [');
    expect(text).toContain('There is no room for it.');
  });

  it('never shows untested as working', () => {
    const text = renderMatrix([report]);
    expect(rowOf(text, '`machines/rename`')).toContain('| untested |');
    expect(rowOf(text, '**machines.rename**')).toContain('| untested |');
    expect(rowOf(text, '**consoles.rdp**')).toContain('| – |');
  });

  it('takes the most real proof, and never a failure for a success', () => {
    const peer = twin((copy) => ({ tier: 'peer', digest: `sha256:${'1'.repeat(64)}`, results: copy.results.slice() }));
    expect(rowOf(renderMatrix([report, peer]), '`suspension/pause-and-resume`')).toContain('| peer |');
    const failing = twin((copy) => ({
      results: copy.results.map(
        (one) => ({ ...one, outcome: 'failed', message: 'broken' }) as Report['results'][number],
      ),
    }));
    expect(rowOf(renderMatrix([failing]), '`suspension/pause-and-resume`')).toContain('| fails |');
  });

  it('says what a stand-in proved, and that a simulator is none of the products that it claims to be', () => {
    const simulated = twin(({ environment, results }) => ({
      environment: { ...environment, simulator: 'sim 1.2' },
      results: results.map((one) => (one.outcome === 'passed' ? { ...one, standIns: ['Pause'] } : one)),
    }));
    const row = '`suspension/pause-and-resume`';
    expect(rowOf(renderMatrix([simulated]), row)).toContain('| simulated |');
    expect(rowOf(renderMatrix([simulated]), 'memory')).toContain('| sim 1.2 as Memory 1 |');
    expect(rowOf(renderMatrix([simulated, { ...report, digest: `sha256:${'3'.repeat(64)}` }]), row)).toContain(
      '| memory |',
    );
    const { digest: _, ...unsigned } = simulated;
    expect(() => parseReport({ ...unsigned, digest: report.digest }, 'r.json')).toThrow(/digest/);
  });

  it('has the same bytes for the same reports in any order', () => {
    const other = twin((copy) => ({
      driver: { ...copy.driver, name: '@example/driver-other' },
      digest: `sha256:${'2'.repeat(64)}`,
    }));
    expect(renderMatrix([other, report])).toBe(renderMatrix([report, other]));
  });

  it('tells the reasons of the more real run, whatever the digests of this time are', () => {
    const [low, high] = ['0', 'f'].map((digit): string => `sha256:${digit.repeat(64)}`);
    const peer = (digest = ''): Report =>
      twin(({ results }) => ({
        tier: 'peer',
        digest,
        results: results.map((one) => ('reason' in one ? { ...one, reason: 'The peer has none.' } : one)),
      }));
    const memory = (digest = ''): Report => ({ ...report, digest });
    const text = renderMatrix([memory(low), peer(high)]);
    expect(text).toContain('The peer has none.');
    expect(text).not.toContain('There is no room for it.');
    expect(renderMatrix([memory(high), peer(low)])).toBe(text);
  });
});
