import type { Handler } from '../chain/handler.js';
import { contentOf, faultTypeOf, type Answer } from '../soap/answer.js';
import { child } from '../xml/element.js';
import type { Shims } from './shim.js';
import type { StandInLog } from './stand-in-log.js';

/**
 * Answers by a stand-in only what the simulator does not implement, which it says when it is asked; `always` has the
 * methods that it implements in a way that no test can use. The names of those that stood in go into `log`.
 */
export function standingIn(shims: Shims, always: Shims, log: StandInLog): Handler {
  const own = (table: Shims, method: string) => (Object.hasOwn(table, method) ? table[method] : undefined);
  return async (call, next) => {
    let shim = own(always, call.method);
    if (!shim) {
      const fallback = own(shims, call.method);
      if (!fallback) return next(call);
      if (!log.all.has(call.method)) {
        const answer = await next(call);
        if (!isMissing(answer)) return answer;
      }
      shim = fallback;
    }
    log.add(call.method);
    return shim(call);
  };
}

function isMissing(answer: Answer): boolean {
  if (answer.status === 404) return true;
  if (faultTypeOf(answer) === 'MethodNotFound') return true;
  return answer.status === 500 && /does not implement/.test(child(contentOf(answer), 'faultstring')?.text ?? '');
}
