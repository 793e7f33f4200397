import type { Handler } from '../chain/handler.js';
import { faultAnswer } from '../soap/answer.js';
import { requestProblem } from './validate-request.js';

export interface Strictness {
  readonly handler: Handler;
  /** Methods that were passed on unchecked, because the tables do not have them. */
  readonly unchecked: ReadonlySet<string>;
  /** What was refused, in words. */
  readonly refused: readonly string[];
}

/** Refuses requests that the simulator accepts and a real server does not, with InvalidRequest. */
export function strictness(): Strictness {
  const unchecked = new Set<string>();
  const refused: string[] = [];
  return {
    unchecked,
    refused,
    async handler(call, next) {
      const problem = requestProblem(call);
      if (problem === 'unknown') unchecked.add(call.method);
      if (problem === undefined || problem === 'unknown') return next(call);
      refused.push(problem);
      return faultAnswer({ type: 'InvalidRequest', message: `The request is not valid: ${problem}` });
    },
  };
}
