import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Next } from '../chain/handler.js';
import type { DeliveredAnswer } from '../chain/delivery.js';
import type { requestLog } from '../request-log.js';
import { faultAnswer, faultTypeOf } from '../soap/answer.js';
import { callOf, MalformedRequest, type Call } from '../soap/call.js';
import { parseXml } from '../xml/parse.js';

/** No request of a sensible client is larger. */
const largestRequest = 64 << 20;

/** Reads a SOAP request and has the chain answer it. */
export async function answerSoap(
  request: IncomingMessage,
  response: ServerResponse,
  number: number,
  log: ReturnType<typeof requestLog>,
  next: Next,
): Promise<DeliveredAnswer> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const http = { number, path: request.url ?? '/sdk', headers: request.headers, gone: gone.signal };
  let call: Call;
  try {
    call = callOf(parseXml(await textOf(request)), http);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof MalformedRequest) return faultAnswer({ type: 'InvalidRequest', message });
    return { ...faultAnswer({ type: 'InvalidRequest', message: `The request is no XML: ${message}` }), status: 500 };
  }
  const entry = log.addCall(call);
  const answer: DeliveredAnswer = await next(call);
  entry.status = answer.status === 0 ? undefined : answer.status;
  entry.fault = faultTypeOf(answer);
  return answer;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > largestRequest) throw new MalformedRequest(`The request has more than ${largestRequest} bytes.`);
    parts.push(bytes);
  }
  const body = Buffer.concat(parts);
  const compressed = request.headers['content-encoding'] === 'gzip';
  return (compressed ? gunzipSync(body, { maxOutputLength: largestRequest }) : body).toString();
}
