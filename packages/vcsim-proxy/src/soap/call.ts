import type { IncomingHttpHeaders } from 'node:http';
import { child, namespaces, type Element } from '../xml/element.js';

/** Names a managed object. */
export interface Reference {
  readonly type: string;
  readonly value: string;
}

/** One SOAP request. */
export interface Call {
  /** Counts the calls of this proxy from 1 on. */
  readonly number: number;
  /** Path of the endpoint: `/sdk`, `/pbm`. */
  readonly path: string;
  readonly method: string;
  /** The object that the method is called on. */
  readonly self: Reference;
  readonly envelope: Element;
  /** The element of the method, with its parameters. */
  readonly operation: Element;
  readonly headers: IncomingHttpHeaders;
  /** Value of the session's cookie; undefined before a login. */
  readonly session: string | undefined;
  /** Fires when the client has its answer, or does not wait for one any more; absent for calls of the proxy's own. */
  readonly gone?: AbortSignal;
}

/** What came in is no SOAP request. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
}

/** Reads the envelope of a request. */
export function callOf(envelope: Element, http: Pick<Call, 'number' | 'path' | 'headers' | 'gone'>): Call {
  const operation = child(envelope, 'Body')?.children[0];
  if (envelope.name !== 'Envelope' || !operation) throw new MalformedRequest('There is no SOAP body.');
  const self = child(operation, '_this');
  if (!self) throw new MalformedRequest(`${operation.name} is called on no object: _this is missing.`);
  return {
    ...http,
    envelope,
    operation,
    method: operation.name,
    self: { type: self.type ?? '', value: self.text },
    session: sessionOf(http.headers.cookie),
  };
}

/** The session's cookie; servers and clients put it in quotes or not. */
export function sessionOf(cookies: string | undefined): string | undefined {
  return /(?:^|;\s*)vmware_soap_session="?([^";]+)/.exec(cookies ?? '')?.[1];
}

/** The same call with another operation. */
export function withOperation(call: Call, operation: Element): Call {
  const envelope: Element = {
    ...call.envelope,
    children: call.envelope.children.map((part) => (part.name === 'Body' ? { ...part, children: [operation] } : part)),
  };
  return { ...call, operation, envelope, method: operation.name };
}

/** An envelope around an operation of our own. */
export function envelopeOf(...content: readonly Element[]): Element {
  const soap = { namespace: namespaces.envelope, text: '' };
  return { ...soap, name: 'Envelope', children: [{ ...soap, name: 'Body', children: content }] };
}
