import type { IncomingMessage, ServerResponse } from 'node:http';
import { manager, serviceContent } from './behaviours/service-content.js';
import { sessions } from './behaviours/sessions.js';
import { deliver } from './chain/delivery.js';
import { chain } from './chain/handler.js';
import { upstreamAt } from './chain/upstream.js';
import { faultPlan } from './faults/fault-plan.js';
import { inject } from './faults/inject.js';
import { requestLog } from './request-log.js';
import { plainRequests } from './server/plain-requests.js';
import { listen } from './server/listener.js';
import { diskDescriptors } from './shims/disk-descriptors.js';
import { answerSoap } from './server/soap-requests.js';
import { strictness } from './validation/strict.js';
import { chainOf } from './chain-of.js';
import type { VcsimProxy, VcsimProxyOptions } from './vcsim-proxy.js';

/**
 * Starts a proxy in front of a vCenter simulator, on 127.0.0.1. It answers like a real vCenter where the simulator is
 * too lenient, plays the faults that it is told, and stands in for methods that the simulator lacks.
 */
export async function startVcsimProxy(options: VcsimProxyOptions): Promise<VcsimProxy> {
  const url = new URL(options.upstream);
  const upstream = upstreamAt(url, options.ca);
  const closing = new AbortController();
  const content = await serviceContent(upstream).catch((error: unknown) => {
    upstream.close();
    throw error;
  });
  const known = sessions(upstream, manager(content, 'sessionManager'));
  const checks = strictness();
  const { plan, decide } = faultPlan();
  const log = requestLog();
  const parts = chainOf({ upstream, content, options });
  const injected = inject(decide, {
    endSession: (call) => known.end(call),
    startTask: (call, next, outcome) => parts.tasks.startAs(call, next, outcome),
    closed: closing.signal,
  });
  const descriptors = diskDescriptors(upstream, parts.standIns);
  const strict = (options.strict ?? true) ? [checks.handler] : [];
  const soap = chain([known.handler, injected, ...strict, descriptors, ...parts.handlers], (call) =>
    upstream.send(call),
  );
  const plain = plainRequests(upstream, known, parts.plainHandlers);
  let number = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    number += 1;
    const { pathname } = new URL(request.url ?? '/', 'http://proxy');
    if (request.method === 'POST' && /^\/(sdk|pbm|sms|sts|vslm)/i.test(pathname) && !pathname.includes('/rest')) {
      const soapAnswer = await answerSoap(request, response, number, log, soap);
      return deliver(soapAnswer, response, () => listener.reset(request.socket));
    }
    const entry = log.addPlain(number, request.method ?? '', pathname);
    response.on('close', () => (entry.status = response.headersSent ? response.statusCode : undefined));
    return plain(request, response);
  }

  const listener = await listen(
    (request, response) => {
      // A simulator that cannot be reached is a server whose connections break.
      answer(request, response).catch(() => listener.reset(request.socket));
    },
    { port: options.port ?? 0, tls: options.tls },
  );
  return {
    url: `${listener.origin}${url.pathname}`,
    requests: log.entries,
    faults: plan,
    refused: checks.refused,
    unchecked: checks.unchecked,
    shimmed: parts.standIns.all,
    takeShimmed: parts.standIns.take,
    settings: parts.settings,
    get openSessions() {
      return known.open;
    },
    changeCertificate: (tls) => listener.changeCertificate(tls),
    dropConnections: () => listener.dropConnections(),
    async close() {
      closing.abort(new Error('The proxy closes.'));
      parts.close();
      await listener.close();
      upstream.close();
    },
  };
}
