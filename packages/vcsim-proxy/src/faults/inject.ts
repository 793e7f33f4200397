import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveredAnswer } from '../chain/delivery.js';
import type { Next } from '../chain/handler.js';
import { faultAnswer, type Answer } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import type { Outcome, Rule } from './outcome.js';

/** What outcomes need of the rest of the proxy. */
export interface Surroundings {
  /** Ends the session of a call. */
  readonly endSession: (call: Call) => void;
  /** Starts a task that ends, later, as the outcome says. */
  readonly startTask: (
    call: Call,
    next: Next,
    outcome: Extract<Outcome, { kind: 'failing-task' | 'held-task' }>,
  ) => Promise<Answer>;
  /** Aborted when the proxy closes. */
  readonly closed: AbortSignal;
}

const nothing: Answer = { status: 0, headers: {}, body: Buffer.alloc(0) };

/** Makes of calls what the rule decides. */
export function inject(decide: Rule, around: Surroundings) {
  return async (call: Call, next: Next): Promise<DeliveredAnswer> => {
    const outcome = decide(call);
    return outcome ? apply(outcome, call, next, around) : next(call);
  };
}

async function apply(outcome: Outcome, call: Call, next: Next, around: Surroundings): Promise<DeliveredAnswer> {
  switch (outcome.kind) {
    case 'fault':
      return faultAnswer(outcome);
    case 'not-authenticated':
      around.endSession(call);
      return faultAnswer(notAuthenticated);
    case 'http':
      return httpAnswer(outcome);
    case 'reset':
      if (outcome.when === 'after') await next(call);
      return { ...nothing, delivery: { kind: 'reset' } };
    case 'silence':
      return { ...nothing, delivery: { kind: 'silence' } };
    case 'delay':
      await sleep(outcome.ms, undefined, { signal: around.closed });
      return next(call);
    case 'truncate':
    case 'pieces':
    case 'gzip':
      return { ...(await next(call)), delivery: outcome };
    case 'rewrite':
      return outcome.rewrite(await next(call));
    case 'failing-task':
    case 'held-task':
      return around.startTask(call, next, outcome);
  }
}

/** What a server answers to a session that it does not know. */
export const notAuthenticated = { type: 'NotAuthenticated', message: 'The session is not authenticated.' };

const outOfSessions = '<html><body><h1>503 Service Unavailable</h1></body></html>';

function httpAnswer({ status, body, contentType }: Extract<Outcome, { kind: 'http' }>): Answer {
  return {
    status,
    headers: { 'content-type': contentType ?? 'text/html' },
    body: Buffer.from(body ?? outOfSessions),
  };
}
