import type { OutgoingHttpHeaders } from 'node:http';
import { child, element, namespaces, typed, type Element } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import { writeXml } from '../xml/write.js';
import { envelopeOf } from './call.js';

/** An HTTP answer, as it will be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** A fault of vSphere's: its type is what clients branch on. */
export interface Fault {
  /** `InvalidPowerState` */
  readonly type: string;
  readonly message?: string;
  /** The fields of the fault's data type, in the order of the wire. */
  readonly fields?: readonly Element[];
}

const xml = { 'content-type': 'text/xml; charset=utf-8' };

/** The SOAP answer whose body holds this element. */
export function answerWith(content: Element, status = 200): Answer {
  return { status, headers: xml, body: Buffer.from(writeXml(envelopeOf(content))) };
}

/** What a method that succeeds answers; `results` are the `returnval` elements. */
export const resultAnswer = (method: string, results: readonly Element[] = [], namespace?: string): Answer =>
  answerWith(element(`${method}Response`, results, namespace === undefined ? {} : { namespace }));

/** What a method that fails answers: HTTP 500 with the fault's type in the detail. */
export function faultAnswer(fault: Fault): Answer {
  const plain = (name: string, content: string | readonly Element[]) => element(name, content, { namespace: '' });
  const content = [
    plain('faultcode', 'ServerFaultCode'),
    plain('faultstring', fault.message ?? ''),
    plain('detail', [typed(`${fault.type}Fault`, fault.type, fault.fields ?? [])]),
  ];
  return answerWith(element('Fault', content, { namespace: namespaces.envelope }), 500);
}

/** The content of an answer's SOAP body; undefined when it has none. */
export function contentOf(answer: Answer): Element | undefined {
  const envelope = parsed(answer);
  return envelope && child(envelope, 'Body')?.children[0];
}

function parsed({ body }: Answer): Element | undefined {
  try {
    return parseXml(body.toString());
  } catch {
    // Datastores and REST answer other things.
    return undefined;
  }
}

/** The same answer with other content. */
export const withContent = (answer: Answer, content: Element): Answer => ({
  ...answerWith(content, answer.status),
  headers: { ...answer.headers, ...xml },
});

/** The type of the fault that an answer is; undefined for other answers. */
export function faultTypeOf(answer: Answer): string | undefined {
  if (answer.status !== 500) return undefined;
  const detail = child(contentOf(answer), 'detail')?.children[0];
  return detail && (detail.dataType?.name ?? detail.name.replace(/Fault$/, ''));
}

/** A fault inside a value, as in the error of a task. */
export const localizedFault = (name: string, { type, message, fields }: Fault): Element =>
  element(name, [typed('fault', type, fields ?? []), element('localizedMessage', message ?? '')]);
