import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonOf, reportsIn, summarise } from '../results.mjs';
import { projectTable, skipLines, timeLines } from '../table.mjs';

const task = (target, status = 'success') => ({ project: '@virt-drivers/core', target, status, milliseconds: 1 });
const nothing = () => () => [];
const cases =
  (...each) =>
  () =>
  () =>
    each;

describe('a summary', () => {
  it('counts cases of suites and one check for anything else', () => {
    const reports =
      () =>
      ({ target }) =>
        target === 'test'
          ? [
              { name: 'a', outcome: 'passed' },
              { name: 'b', outcome: 'passed' },
            ]
          : [];
    const { passed, failures } = summarise([task('test'), task('lint'), task('build', 'local-cache')], reports);
    expect({ passed, failures }).toEqual({ passed: 4, failures: [] });
  });

  it('fails with a task that failed before it could report', () => {
    expect(summarise([task('test', 'failure')], nothing).failures).toHaveLength(1);
    expect(summarise([task('lint', 'failure')], nothing).failures).toHaveLength(1);
  });

  it('does not count a failure twice', () => {
    const summary = summarise([task('test', 'failure')], cases({ name: 'a', outcome: 'failed' }));
    expect(summary.failures).toHaveLength(1);
  });

  it('shows a skip with its reason and fails one without', () => {
    const explained = summarise([task('test')], cases({ name: 'a', outcome: 'skipped', reason: 'no peer' }));
    expect(explained).toMatchObject({ failures: [], skips: [{ reason: 'no peer' }] });
    expect(summarise([task('test')], cases({ name: 'a', outcome: 'skipped' })).failures).toHaveLength(1);
  });

  it('shows a task that could not start', () => {
    expect(summarise([task('test', 'skipped')], nothing).skips).toHaveLength(1);
  });
});

describe('reports', () => {
  it('are read from the temp folder of a project', () => {
    const folder = mkdtempSync(join(tmpdir(), 'results-'));
    try {
      mkdirSync(join(folder, 'temp'));
      writeFileSync(join(folder, 'temp', 'jest.json'), '[{"file":"a.test.ts","name":"x","outcome":"skipped"}]');
      writeFileSync(join(folder, 'temp', 'skips.txt'), 'no peer\nno peer\n');
      expect(reportsIn(folder)(task('test'))).toMatchObject([{ name: 'a.test.ts: x', reason: 'no peer' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of a conformance run count what is not proven as skipped', () => {
    const folder = mkdtempSync(join(tmpdir(), 'results-'));
    const results = [
      { id: 'power/start', outcome: 'passed' },
      { id: 'power/stop', outcome: 'failed', message: 'no' },
      { id: 'guest/exec', outcome: 'not-applicable', because: 'absent', reason: 'guest is absent' },
      { id: 'absence/rename', outcome: 'not-applicable', because: 'present', reason: 'it can rename' },
      { id: 'disks/grow', outcome: 'gap', message: 'no', reason: 'not yet' },
    ];
    try {
      mkdirSync(join(folder, 'temp'));
      writeFileSync(join(folder, 'temp', 'conformance.json'), JSON.stringify({ results, problems: ['a leak'] }));
      const { passed, failures, skips } = summarise([task('conformance', 'failure')], () => reportsIn(folder));
      expect([passed, failures.length, skips.length]).toEqual([1, 2, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('take the reason from the title first', () => {
    expect(reasonOf('x [skipped: no kvm]', ['no peer'])).toBe('no kvm');
    expect(reasonOf('x', [])).toBeUndefined();
  });
});

describe('the table', () => {
  it('has a line per project and a column per target', () => {
    const { rows } = summarise([task('lint'), task('build', 'failure')], nothing);
    expect(projectTable(rows)).toEqual(['project  lint  build', 'core     ok    FAILED']);
  });

  it('says where the time went, and nothing of what took none', () => {
    const took = (target, milliseconds) => ({ project: '@virt-drivers/core', target, milliseconds });
    expect(timeLines([took('lint', 900), took('test', 61_240), took('build', 1_000), took('api')])).toEqual([
      '   61.2 s  core:test',
      '    1.0 s  core:build',
    ]);
  });

  it('has a line per reason for what was skipped', () => {
    const skip = { project: '@virt-drivers/core', reason: 'no peer' };
    expect(skipLines([skip, skip])).toEqual(['- core, 2 of its checks: no peer']);
  });
});
