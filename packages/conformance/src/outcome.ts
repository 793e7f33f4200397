import type { NotApplicable } from './applicability.js';
import type { CaseFailure } from './run-case.js';
import type { KnownGap } from './known-gaps.js';

/** What became of one case. Only `passed` proves anything. */
export type Outcome =
  /** `standIns`: what was made up for the tests in the meantime; see `Simulator`. */
  | { readonly outcome: 'passed'; readonly standIns?: readonly string[] }
  | { readonly outcome: 'failed'; readonly message: string }
  | { readonly outcome: 'gap'; readonly message: string; readonly reason: string; readonly until: string }
  | { readonly outcome: 'not-applicable'; readonly because: NotApplicable['because']; readonly reason: string };

/** Weighs a result against the known gaps: a failure may be excused, and an excuse that is not needed is a failure. */
export function weigh(failure: CaseFailure, gap: KnownGap | undefined): Outcome {
  if (gap === undefined) return failure ? { outcome: 'failed', message: failure.message } : { outcome: 'passed' };
  if (failure) return { outcome: 'gap', message: failure.message, reason: gap.reason, until: gap.until };
  return { outcome: 'failed', message: 'passes, but is listed as a known gap; take it off the list' };
}
