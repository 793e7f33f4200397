import { protocolViolation } from '../errors/vsphere-error.js';
import { dataType, type Field, type Method } from '../schema/schema.js';
import { NamespaceScope, type Attributes } from '../xml/attributes.js';
import { XmlScanner, type OpeningTag, type XmlHandler } from '../xml/scanner.js';
import { Utf8Pieces } from '../xml/utf8-pieces.js';
import { FieldsFrame, ObjectFrame, SKIPPED, type Frame } from './frames.js';
import { valueFrameMaker } from './value-frame.js';

/** The fault of an answer, before it is an error. */
export interface AnsweredFault {
  readonly detail: unknown;
  readonly code: string;
  readonly text: string;
}

export interface Answer {
  readonly result: unknown;
  readonly fault: AnsweredFault | undefined;
}

/** A list of the result whose elements are wanted as they come. */
export interface StreamedList {
  readonly field: string;
  /** Is told of the other fields of the result as they come. */
  readonly onField?: ((name: string, value: unknown) => void) | undefined;
}

/** Takes the elements of one list of the result as they come, instead of keeping them in it. */
export interface ElementSink extends StreamedList {
  push(value: unknown): void;
}

const TEXT = (name: string): Field => ({ name, type: 'string', array: false, optional: true });
const DETAIL: Field = { name: 'detail', type: 'any', array: false, optional: true };
const RESULT_FRAME: Field = { name: 'Response', type: 'any', array: false, optional: true };
const FAULT_FRAME: Field = { name: 'Fault', type: 'any', array: false, optional: true };

/** What a tag means where it stood last: answers say the same many thousand times. */
interface Known {
  readonly scope: NamespaceScope;
  readonly attributes: Attributes;
  field: Field | undefined;
  makeFrame: () => Frame;
}

/** Decodes one SOAP answer while it arrives. */
export class AnswerDecoder implements XmlHandler<Known> {
  private readonly scanner = new XmlScanner<Known>(this);
  private readonly frames: Frame[] = [];
  private readonly fields: (Field | undefined)[] = [];
  private readonly scopes: NamespaceScope[] = [new NamespaceScope()];
  private readonly utf8 = new Utf8Pieces();
  private result: unknown;
  private answered = false;
  private fault: { detail: unknown; code: string; text: string } | undefined;

  constructor(
    private readonly method: Method,
    private readonly sink?: ElementSink,
  ) {}

  /** @throws VsphereError `PROTOCOL_VIOLATION` */
  write(piece: Uint8Array): void {
    this.scanner.write(this.utf8.next(piece));
  }

  /** The answer; throws when the document is not complete. */
  end(): Answer {
    this.scanner.write(this.utf8.end());
    this.scanner.end();
    if (!this.answered) throw protocolViolation(`The answer to ${this.method.name} has no SOAP body.`);
    const { result, method } = this;
    return { result: result === undefined && method.result.array ? [] : result, fault: this.fault };
  }

  open(tag: OpeningTag<Known>): void {
    const scope = this.scopes[this.scopes.length - 1];
    if (!scope) return;
    const known = tag.memo?.scope === scope ? tag.memo : (tag.memo = learn(scope, tag.attributes));
    this.scopes.push(known.attributes.scope);
    const depth = this.frames.length;
    if (depth < 3) this.openEnvelope(depth, tag.local);
    else this.openWithin(tag.local, known);
  }

  text(value: string): void {
    this.frames[this.frames.length - 1]?.text(value);
  }

  close(): void {
    this.scopes.pop();
    const frame = this.frames.pop();
    const field = this.fields.pop();
    if (frame !== undefined && field !== undefined) this.frames[this.frames.length - 1]?.accept(field, frame.value());
  }

  private push(frame: Frame, field?: Field): void {
    this.frames.push(frame);
    this.fields.push(field);
  }

  /** Envelope, Body and what is in it; by their local names: servers choose other prefixes. */
  private openEnvelope(depth: number, name: string): void {
    if (depth === 0 && name !== 'Envelope')
      throw protocolViolation(`The answer to ${this.method.name} is no SOAP envelope but <${name.slice(0, 40)}>.`);
    // A header's content lies below a frame that knows no fields.
    if (depth < 2) return this.push(depth === 1 && name === 'Body' ? BODY : SKIPPED);
    if (this.frames[1] !== BODY) return this.push(SKIPPED);
    this.answered = true;
    if (name === 'Fault') return this.push(this.faultFrame(), FAULT_FRAME);
    if (name !== `${this.method.name}Response`)
      throw protocolViolation(`The answer to ${this.method.name} is <${name.slice(0, 60)}>.`);
    const { result } = this.method;
    this.push(
      new FieldsFrame(new Map([[result.name, result]]), (field, value) => this.takeResult(field, value)),
      RESULT_FRAME,
    );
  }

  private takeResult(field: Field, value: unknown): void {
    if (!field.array) this.result = value;
    else if (Array.isArray(this.result)) this.result.push(value);
    else this.result = [value];
  }

  private faultFrame(): Frame {
    const fault = { detail: undefined as unknown, code: '', text: '' };
    this.fault = fault;
    const known = [TEXT('faultcode'), TEXT('faultstring'), DETAIL];
    return new FieldsFrame(new Map(known.map((field) => [field.name, field])), (field, value) => {
      if (field.name === 'faultcode') fault.code = String(value);
      if (field.name === 'faultstring') fault.text = String(value);
      if (field.name === 'detail') fault.detail = value;
    });
  }

  private openWithin(name: string, known: Known): void {
    const above = this.frames[this.frames.length - 1] ?? SKIPPED;
    const field = above.field(name);
    if (field === undefined) return this.push(SKIPPED);
    if (known.field !== field) {
      known.field = field;
      known.makeFrame = frameMaker(field, name, known.attributes);
    }
    const frame = known.makeFrame();
    const streams = this.sink !== undefined && field === this.method.result && frame instanceof ObjectFrame;
    this.push(streams && this.sink ? new StreamedFrame(frame, this.sink) : frame, field);
  }
}

function learn(scope: NamespaceScope, attributes: string): Known {
  return { scope, attributes: scope.read(attributes), field: undefined, makeFrame: () => SKIPPED };
}

/** Makes the frames of an element that says this of itself, where this is declared. */
function frameMaker(field: Field, name: string, attributes: Attributes): () => Frame {
  if (field === DETAIL) return () => new DetailFrame();
  return field.type === FAULT ? faultFrameMaker(name, attributes) : valueFrameMaker(field.type, attributes);
}

const BODY: Frame = { ...SKIPPED };
const FAULT = 'fault';

/** A fault that does not say its type is called by its element: `<NotFoundFault>`. One that nobody knows is a MethodFault. */
function faultFrameMaker(element: string, attributes: Attributes): () => Frame {
  const name = attributes.type?.name ?? (element.endsWith('Fault') ? element.slice(0, -'Fault'.length) : element);
  const type = dataType(name) ?? dataType('MethodFault');
  return () => (type ? new ObjectFrame(type, name) : SKIPPED);
}

/** The one element within `<detail>`, whatever it is called. */
class DetailFrame implements Frame {
  private detail: unknown;
  private readonly element: Field = { name: '', type: FAULT, array: false, optional: true };

  field(): Field {
    return this.element;
  }

  text(): void {}

  accept(_field: Field, value: unknown): void {
    this.detail ??= value;
  }

  value(): unknown {
    return this.detail;
  }
}

/** A result one list of which goes to a sink. */
class StreamedFrame implements Frame {
  constructor(
    private readonly whole: Frame,
    private readonly sink: ElementSink,
  ) {}

  field(name: string): Field | undefined {
    return this.whole.field(name);
  }

  text(): void {}

  accept(field: Field, value: unknown): void {
    if (field.name === this.sink.field) return this.sink.push(value);
    this.sink.onField?.(field.name, value);
    this.whole.accept(field, value);
  }

  value(): unknown {
    return this.whole.value();
  }
}
