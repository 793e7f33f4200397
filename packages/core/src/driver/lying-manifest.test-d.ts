// Compiled, never run: a manifest that lies must not compile.
import type { Suspension } from '../contract/suspension.js';
import type { FacetAs, FacetsAs } from './facets.js';

declare const pauseOnly: Required<Pick<Suspension, 'pause' | 'resume'>>;
declare const kernel: FacetsAs<{ hosts: {}; machines: {}; power: {}; volumes: {}; disks: {}; nics: {}; events: {} }>;

type Kernel = { hosts: {}; machines: {}; power: {}; volumes: {}; disks: {}; nics: {}; events: {} };

export const honest: FacetAs<'suspension', { pause: true }> = pauseOnly;
// @ts-expect-error `save` is claimed, but not there
export const claimsTooMuch: FacetAs<'suspension', { pause: true; save: true }> = pauseOnly;
// @ts-expect-error `pause` is there, but not claimed
export const claimsTooLittle: FacetAs<'suspension', {}> = pauseOnly;
// @ts-expect-error the facet is claimed, but not there
export const facetMissing: FacetsAs<Kernel & { suspension: { pause: true } }> = kernel;
// @ts-expect-error the facet is there, but not claimed
export const facetHidden: FacetsAs<Kernel> = { ...kernel, suspension: pauseOnly };
export const complete: FacetsAs<Kernel & { suspension: { pause: true } }> = { ...kernel, suspension: pauseOnly };
