import { AnswerDecoder, type AnsweredFault, type ElementSink, type StreamedList } from '../codec/answer-decoder.js';
import { encodeRequest } from '../codec/encode-request.js';
import { isVsphereError, VsphereError } from '../errors/vsphere-error.js';
import { VsphereFault } from '../errors/vsphere-fault.js';
import type { AnyMethodFault } from '../gen/data-types.gen.js';
import { answerBody, statusError } from '../http/answer-body.js';
import type { HttpAnswer, HttpClient } from '../http/http-client.js';
import type { Reference } from '../schema/reference.js';
import type { Method } from '../schema/schema.js';

export interface SoapCall {
  readonly method: Method;
  readonly target: Reference;
  readonly parameters: object;
  /** Of the session; undefined before there is one. */
  readonly cookie: string | undefined;
  /** Content of the SOAP header, already XML. */
  readonly header?: string | undefined;
  readonly signal: AbortSignal;
  /** Over a connection of its own, because another has just been lost: those that wait may be lost as well. */
  readonly again?: boolean | undefined;
}

export interface SoapAnswer {
  readonly result: unknown;
  readonly headers: HttpAnswer['headers'];
}

/** Elements of a list that are given away in one step: it passes through many hands, which for each alone cost more than reading it. */
const TOGETHER = 100;
const PATHS = { vim25: '/sdk', pbm: '/pbm' } as const;
/** PBM of 6.7: later servers serve it too. */
const PBM_VERSION = '2.0';

/** Sends calls to the endpoints of one server; knows nothing of sessions. */
export class SoapCaller {
  /** The version of vim25 in SOAPAction: the server answers in its types. */
  apiVersion = '6.5';

  constructor(
    private readonly http: HttpClient,
    private readonly userAgent: string,
  ) {}

  /** @throws VsphereFault, VsphereError */
  async call(call: SoapCall): Promise<SoapAnswer> {
    const answer = await this.send(call);
    const decoder = new AnswerDecoder(call.method);
    for await (const piece of this.pieces(call, answer)) decode(decoder, piece, answer);
    return { result: finish(call.method, decoder, answer), headers: answer.headers };
  }

  /** As `call`, giving the elements of one list of the result as they arrive, some at a time; the rest of the result is returned. */
  async *stream(call: SoapCall, list: StreamedList): AsyncGenerator<readonly unknown[], unknown, undefined> {
    const answer = await this.send(call);
    let arrived: unknown[] = [];
    const sink: ElementSink = { ...list, push: (value) => arrived.push(value) };
    const decoder = new AnswerDecoder(call.method, sink);
    for await (const piece of this.pieces(call, answer)) {
      decode(decoder, piece, answer);
      if (arrived.length < TOGETHER) continue;
      const ready = arrived;
      arrived = [];
      yield ready;
    }
    const result = finish(call.method, decoder, answer);
    if (arrived.length > 0) yield arrived;
    return result;
  }

  private async send(call: SoapCall): Promise<HttpAnswer> {
    const { service } = call.method;
    const body = encodeRequest(call.method, call.target, call.parameters, call.header);
    const answer = await this.http.send({
      method: 'POST',
      url: PATHS[service],
      body,
      signal: call.signal,
      ownConnection: call.again,
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
        soapaction: `"urn:${service}/${service === 'pbm' ? PBM_VERSION : this.apiVersion}"`,
        'accept-encoding': 'gzip',
        'user-agent': this.userAgent,
        ...(call.cookie === undefined ? {} : { cookie: call.cookie }),
      },
    });
    if (answer.status === 200 || answer.status === 500) return answer;
    throw await statusError(call.method.name, answer);
  }

  /** The signal ends the reading too: the request is over when the head of the answer is there. */
  private async *pieces({ signal }: SoapCall, answer: HttpAnswer): AsyncGenerator<Uint8Array, void, undefined> {
    const abort = () => answer.body.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      yield* answerBody(answer);
      signal.throwIfAborted();
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

/** An internal error whose body is no SOAP fault is told by its status. */
function decode(decoder: AnswerDecoder, piece: Uint8Array, answer: HttpAnswer): void {
  try {
    decoder.write(piece);
  } catch (error) {
    throw answer.status === 500 ? internalError(error) : error;
  }
}

function finish(method: Method, decoder: AnswerDecoder, answer: HttpAnswer): unknown {
  let decoded;
  try {
    decoded = decoder.end();
  } catch (error) {
    throw answer.status === 500 ? internalError(error) : error;
  }
  if (decoded.fault !== undefined) throw faultOfAnswer(method, decoded.fault);
  return decoded.result;
}

function internalError(cause: unknown): Error {
  if (isVsphereError(cause) && cause.code !== 'PROTOCOL_VIOLATION') return cause;
  return new VsphereError('HTTP_STATUS', 'The server answered with HTTP 500 and no SOAP fault.', {
    sent: true,
    status: 500,
    cause,
  });
}

function faultOfAnswer(method: Method, { detail, code, text }: AnsweredFault): VsphereFault {
  // The frame of the detail makes objects with a $type, or nothing.
  const typed =
    typeof detail === 'object' && detail !== null && '$type' in detail ? (detail as AnyMethodFault) : undefined;
  return new VsphereFault(method.name, typed ?? { $type: 'MethodFault' }, text || code);
}
