import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import { contentOf, faultAnswer } from '../soap/answer.js';
import { sessionOf, type Call, type Reference } from '../soap/call.js';
import { child } from '../xml/element.js';

/** Knows who is logged in, which the simulator does not ask where files are concerned. */
export interface Sessions {
  readonly handler: Handler;
  /** Ends the session of a call: at once for clients, later in the simulator. */
  end(call: Call): void;
  /** Whether the cookies of a request for a file let it in: those of a session, or a ticket that was not used yet. */
  admit(cookies: string | undefined): boolean;
  /** How many sessions are open. */
  readonly open: number;
}

const WITHOUT_SESSION = /^(RetrieveServiceContent|Login\w*|CloneSession)$/;
/** Longer than any task is held. */
const HELD_MS = 10_000;

/** Sessions begin with a cookie that the simulator sets, and end by Logout. */
export function sessions(upstream: Upstream, sessionManager: Reference): Sessions {
  const open = new Set<string>();
  const ended = new Set<string>();
  const tickets = new Set<string>();
  return {
    async handler(call, next) {
      if (ended.has(call.session ?? '') && !WITHOUT_SESSION.test(call.method))
        return faultAnswer({ type: 'NotAuthenticated', message: 'The session is not authenticated.' });
      const answer = await next(call);
      for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
        const session = sessionOf(String(cookie).split(';')[0]);
        if (session !== undefined) open.add(session);
      }
      if (call.method === 'Logout' && call.session !== undefined) open.delete(call.session);
      if (call.method === 'AcquireGenericServiceTicket') {
        const id = child(child(contentOf(answer), 'returnval'), 'id')?.text;
        if (id !== undefined) tickets.add(id);
      }
      return answer;
    },
    end(call) {
      if (call.session === undefined) return;
      open.delete(call.session);
      ended.add(call.session);
      // Tasks go on without the session that began them, so that those held here still need it for a while.
      setTimeout(() => void upstream.invoke(call, sessionManager, 'Logout').catch(() => []), HELD_MS).unref();
    },
    admit(cookies) {
      const session = sessionOf(cookies);
      if (session !== undefined && open.has(session)) return true;
      const ticket = /(?:^|;\s*)vmware_cgi_ticket="?([^";]+)/.exec(cookies ?? '')?.[1];
      return ticket !== undefined && tickets.delete(ticket);
    },
    get open() {
      return open.size;
    },
  };
}
