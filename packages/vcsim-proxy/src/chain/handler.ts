import type { Answer } from '../soap/answer.js';
import type { Call } from '../soap/call.js';

/** Passes a call on, possibly another than came in. */
export type Next = (call: Call) => Promise<Answer>;

/** One step between client and simulator: answers itself, or passes on and may change the answer. */
export type Handler = (call: Call, next: Next) => Promise<Answer>;

/** All steps as one; the first sees a call first and its answer last. */
export function chain(handlers: readonly Handler[], last: Next): Next {
  return handlers.reduceRight<Next>((next, handler) => (call) => handler(call, next), last);
}
