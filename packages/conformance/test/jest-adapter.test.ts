import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '@virt-drivers/driver-memory';
import { CASES } from '../src/cases/index.js';
import { describeConformance } from '../src/jest.js';
import { parseReport } from '../src/report/report.js';

const directory = mkdtempSync(join(tmpdir(), 'conformance-'));
const report = join(directory, 'reports', 'memory.json');

// Hooks at the end run in the order of their blocks: the adapter has written its report before this one looks.
afterAll(() => {
  const { summary, partial, results } = parseReport(JSON.parse(readFileSync(report, 'utf8')), report);
  rmSync(directory, { recursive: true });
  expect([summary.failed, partial, results.length]).toEqual([0, false, CASES.length]);
});

describeConformance({ driver, target: () => 'memory://adapter', tier: 'memory', report });
