export type { ConformanceCase } from './case.js';
export type { Bench, CaseCall } from './bench/bench.js';
export { CASES } from './cases/index.js';
export type { Remotes } from './default-remotes.js';
export { parseKnownGaps, readKnownGaps, type KnownGap } from './known-gaps.js';
export type { Outcome } from './outcome.js';
export { parseReport, reportOf, type Report } from './report/report.js';
export {
  beginRun,
  isGood,
  runConformance,
  type CaseResult,
  type OpenRun,
  type RunRequest,
  type RunResult,
  type Tier,
} from './run.js';
export type { Simulator } from './simulator.js';
export { renderMatrix } from './matrix/render-matrix.js';
