import type { Answer, Fault } from '../soap/answer.js';
import type { Call } from '../soap/call.js';

/** What happens to one call instead of, or besides, what the simulator does. */
export type Outcome =
  /** The simulator is not asked. */
  | ({ readonly kind: 'fault' } & Fault)
  /** The session ends, as if it had been idle for too long; then NotAuthenticated. The simulator is not asked. */
  | { readonly kind: 'not-authenticated' }
  /** HTTP without SOAP, such as a 503 with a page of HTML. The simulator is not asked. */
  | { readonly kind: 'http'; readonly status: number; readonly body?: string; readonly contentType?: string }
  /** The connection is reset: `before` the simulator sees the call, or `after` it has done what was asked. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** The answer ends in its middle, or after so many bytes, and the connection with it. */
  | { readonly kind: 'truncate'; readonly bytes?: number }
  /** The answer comes in pieces of so many bytes. */
  | { readonly kind: 'pieces'; readonly bytes: number }
  /** The answer is compressed, whatever the client said that it accepts. */
  | { readonly kind: 'gzip' }
  /** The answer comes this much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** No answer ever comes, and the connection stays open. */
  | { readonly kind: 'silence' }
  /** The task that the call starts ends with this fault. The simulator is not asked. */
  | ({ readonly kind: 'failing-task' } & Fault)
  /** The task that the call starts stays queued, then running, for so many looks at it; only then it is done. */
  | { readonly kind: 'held-task'; readonly queued?: number; readonly running?: number }
  /** The simulator's answer is replaced. */
  | { readonly kind: 'rewrite'; readonly rewrite: (answer: Answer) => Answer };

/** Decides about every call; undefined leaves it alone. */
export type Rule = (call: Call) => Outcome | undefined;
