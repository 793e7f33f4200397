import type { ErrorCode, ErrorDetails, FacetName } from '@virt-drivers/core';

/** What a fault does to the call that it meets. */
export type FaultEffect =
  /** The call fails with this error. */
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message?: string; readonly details?: ErrorDetails }
  /** The call fails with `MACHINE.BUSY`, or `VOLUME.BUSY` in facet `volumes`, nothing being changed. */
  | { readonly kind: 'busy'; readonly heldBy?: string }
  /** The call does not answer; it ends with its signal or deadline, or with the session. */
  | { readonly kind: 'hang' }
  /** The call answers later by so much of the world's time. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** The connection breaks: this call and all others under way in the session fail; the next one connects anew. */
  | { readonly kind: 'drop-connection' };

/** A fault to come. */
export interface Fault {
  readonly facet: FacetName;
  /** Name of the member, for example `attach`; `*` means every member of the facet. */
  readonly member: string;
  /** `before` (default): nothing is done. `after`: all is done, but the answer is lost. */
  readonly when?: 'before' | 'after';
  /** Meets the nth matching call from now on; default 1, the next one. */
  readonly nth?: number;
  /** Meets so many calls in a row; default 1. `Infinity` until it is taken back. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** The faults of a world, on demand. */
export interface Faults {
  /** Adds a fault; returns the function that takes it back. */
  inject(fault: Fault): () => void;
  /** Takes all back. */
  clear(): void;
  /** Counts one call and says what it meets. For the driver itself. */
  meet(facet: FacetName, member: string): { readonly before?: FaultEffect; readonly after?: FaultEffect };
}

/** Makes a place for faults, with none in it. */
export function createFaults(): Faults {
  const pending = new Map<Fault, { seen: number }>();

  const isMet = (fault: Fault, count: { seen: number }): boolean => {
    count.seen += 1;
    const { nth = 1, times = 1 } = fault;
    if (count.seen >= nth + times - 1) pending.delete(fault);
    return count.seen >= nth;
  };

  return {
    inject(fault) {
      const own = { ...fault };
      pending.set(own, { seen: 0 });
      return () => void pending.delete(own);
    },
    clear: () => pending.clear(),
    meet(facet, member) {
      const met: { before?: FaultEffect; after?: FaultEffect } = {};
      for (const [fault, count] of [...pending]) {
        if (fault.facet !== facet || (fault.member !== '*' && fault.member !== member)) continue;
        if (isMet(fault, count)) met[fault.when ?? 'before'] ??= fault.effect;
      }
      return met;
    },
  };
}
