import type { Call } from '../soap/call.js';
import type { Outcome, Rule } from './outcome.js';

/** Scripts what goes wrong. Rules are asked in the order they were given; the first outcome counts. */
export interface FaultPlan {
  /** The next call of a method, or of any with `*`, has this outcome; the one after that is normal again. */
  next(method: string, outcome: Outcome): void;
  /** The `nth` call from now on, counted from 1, has this outcome, whatever its method. */
  atCall(nth: number, outcome: Outcome): void;
  /** Every call is decided by the rule, until the returned function is called. */
  everyCall(rule: Rule): () => void;
  /** Every call of a method has this outcome, until the returned function is called. */
  every(method: string, outcome: Outcome): () => void;
  /** Forgets everything that was scripted. */
  clear(): void;
  /** Of what was scripted, and not met by a call yet. */
  readonly pending: number;
}

/** The plan, and the function that the proxy asks about each call. */
export function faultPlan(): { readonly plan: FaultPlan; readonly decide: Rule } {
  const rules = new Set<Rule>();
  const once = (matches: (call: Call) => boolean, outcome: Outcome): void => {
    const rule: Rule = (call) => {
      if (!matches(call)) return undefined;
      rules.delete(rule);
      return outcome;
    };
    rules.add(rule);
  };
  const always = (rule: Rule): (() => void) => {
    rules.add(rule);
    return () => void rules.delete(rule);
  };
  const isOf = (method: string) => (call: Call) => method === '*' || call.method === method;
  const plan: FaultPlan = {
    next: (method, outcome) => once(isOf(method), outcome),
    atCall(nth, outcome) {
      let seen = 0;
      once(() => ++seen === nth, outcome);
    },
    everyCall: always,
    every: (method, outcome) => always((call) => (isOf(method)(call) ? outcome : undefined)),
    clear: () => rules.clear(),
    get pending() {
      return rules.size;
    },
  };
  return {
    plan,
    decide(call) {
      for (const rule of [...rules]) {
        const outcome = rule(call);
        if (outcome) return outcome;
      }
      return undefined;
    },
  };
}
