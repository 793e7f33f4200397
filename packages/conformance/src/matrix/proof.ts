import type { Report } from '../report/report.js';

type CaseResult = Report['results'][number];
/** How real a proof is; `simulated` by something that was made up for the tests. */
type Tier = Report['tier'] | 'simulated';

/** What is known about one row of one driver. */
export type Proof =
  | { readonly kind: 'works'; readonly tier: Tier }
  | { readonly kind: 'partly'; readonly tier: Tier; readonly reasons: readonly string[] }
  | { readonly kind: 'gap'; readonly reasons: readonly string[] }
  | { readonly kind: 'fails' }
  | { readonly kind: 'narrowed'; readonly reasons: readonly string[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'untested' };

/** What counts more comes later. */
export const TIERS: readonly Tier[] = ['simulated', 'memory', 'peer', 'live'];
const KINDS: readonly Proof['kind'][] = ['untested', 'absent', 'narrowed', 'gap', 'partly', 'works', 'fails'];

const rank = (proof: Proof): number =>
  KINDS.indexOf(proof.kind) * TIERS.length + ('tier' in proof ? TIERS.indexOf(proof.tier) : 0);

/** What one report proves about one case. */
export function proofOf(result: CaseResult | undefined, tier: Report['tier']): Proof {
  if (result === undefined) return { kind: 'untested' };
  if (result.outcome === 'passed') return { kind: 'works', tier: result.standIns?.length ? 'simulated' : tier };
  if (result.outcome === 'failed') return { kind: 'fails' };
  if (result.outcome === 'gap') return { kind: 'gap', reasons: [result.reason] };
  return result.because === 'narrowed' ? { kind: 'narrowed', reasons: [result.reason] } : { kind: 'absent' };
}

/** What several reports of one driver prove about the same row: a real hypervisor counts more than a simulated one, and no failure is hidden. */
export const bestOf = (proofs: readonly Proof[]): Proof =>
  proofs.reduce<Proof>((best, proof) => (rank(proof) > rank(best) ? proof : best), { kind: 'untested' });

/** What all cases of a capability together prove: it works only when every case that applies does. */
export function together(proofs: readonly Proof[]): Proof {
  const applying = proofs.filter(({ kind }) => kind !== 'absent' && kind !== 'narrowed' && kind !== 'untested');
  if (applying.length === 0) return bestOf(proofs);
  if (applying.some(({ kind }) => kind === 'fails')) return { kind: 'fails' };
  const reasons = applying.flatMap((proof) => ('reasons' in proof ? proof.reasons : []));
  const works = applying.flatMap((proof) => (proof.kind === 'works' ? [proof.tier] : []));
  if (works.length === 0) return { kind: 'gap', reasons };
  const tier = works.reduce((least, one) => (TIERS.indexOf(one) < TIERS.indexOf(least) ? one : least));
  return reasons.length === 0 ? { kind: 'works', tier } : { kind: 'partly', tier, reasons };
}
