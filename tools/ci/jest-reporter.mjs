// Leaves what a suite did in temp/ of its package, for the table that tools/ci/test.mjs prints:
// jest.json has every case, skips.txt the reasons that tests gave for not running.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const outcome = { passed: 'passed', failed: 'failed', pending: 'skipped', skipped: 'skipped', todo: 'skipped' };

function casesOf(rootDir, { testFilePath, testResults, testExecError, failureMessage }) {
  const file = relative(rootDir, testFilePath);
  if (testResults.length === 0 && (testExecError || failureMessage)) {
    return [{ file, name: 'the file could not be run', outcome: 'failed' }];
  }
  return testResults.map(({ fullName, status }) => ({ file, name: fullName, outcome: outcome[status] ?? 'failed' }));
}

export default class CaseReporter {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
    this.folder = join(rootDir, 'temp');
  }

  onRunStart() {
    mkdirSync(this.folder, { recursive: true });
    process.env.VIRT_SKIPS_FILE = join(this.folder, 'skips.txt');
    rmSync(process.env.VIRT_SKIPS_FILE, { force: true });
  }

  onRunComplete(contexts, results) {
    const cases = results.testResults.flatMap((result) => casesOf(this.rootDir, result));
    writeFileSync(join(this.folder, 'jest.json'), `${JSON.stringify(cases, null, 2)}\n`);
  }
}
