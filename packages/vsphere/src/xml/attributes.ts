import { protocolViolation } from '../errors/vsphere-error.js';
import { unescapeXml } from './entities.js';

export const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema';
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const PAIR = /\s*([^\s=]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const CACHED = 2048;

/** What the attributes of an element mean to the codec. */
export interface Attributes {
  /** The prefixes that hold within the element. */
  readonly scope: NamespaceScope;
  /** `xsi:type`, by whatever prefix: the name, and whether it is one of XML Schema's own. */
  readonly type: { readonly name: string; readonly primitive: boolean } | undefined;
  /** The attribute `type` of a reference. */
  readonly reference: string | undefined;
  readonly nil: boolean;
}

/** The prefixes at a place of a document, with the attributes that were read there before. */
export class NamespaceScope {
  private readonly cache = new Map<string, Attributes>();
  private readonly none: Attributes = { scope: this, type: undefined, reference: undefined, nil: false };

  constructor(private readonly prefixes: ReadonlyMap<string, string> = new Map()) {}

  /** Reads the raw attributes of an element. The same text means the same in the same scope, so it is read once. */
  read(text: string): Attributes {
    if (text === '') return this.none;
    const known = this.cache.get(text);
    if (known) return known;
    if (this.cache.size >= CACHED) this.cache.clear();
    const made = this.parse(text);
    this.cache.set(text, made);
    return made;
  }

  private parse(text: string): Attributes {
    const pairs = pairsOf(text);
    const declared = pairs.filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
    const scope =
      declared.length === 0
        ? this
        : new NamespaceScope(new Map([...this.prefixes, ...declared.map(([n, uri]) => [n.slice(6), uri] as const)]));
    const instance = (local: string) => pairs.find(([name]) => scope.isInstance(name, local))?.[1];
    const type = instance('type');
    const nil = instance('nil');
    return {
      scope,
      type: type === undefined ? undefined : scope.typeName(type.trim()),
      reference: pairs.find(([name]) => name === 'type')?.[1],
      nil: nil === 'true' || nil === '1',
    };
  }

  private isInstance(name: string, local: string): boolean {
    const colon = name.indexOf(':');
    return colon > 0 && name.slice(colon + 1) === local && this.prefixes.get(name.slice(0, colon)) === INSTANCE;
  }

  private typeName(value: string): { name: string; primitive: boolean } {
    const colon = value.indexOf(':');
    const prefix = colon < 0 ? '' : value.slice(0, colon);
    const uri = this.prefixes.get(prefix);
    if (uri === undefined && prefix !== '')
      throw protocolViolation(`The answer has the type ${value}, whose prefix it does not declare.`);
    return { name: value.slice(colon + 1), primitive: uri === XML_SCHEMA };
  }
}

function pairsOf(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  PAIR.lastIndex = 0;
  let end = 0;
  for (let match = PAIR.exec(text); match; match = PAIR.exec(text)) {
    pairs.push([match[1] ?? '', unescapeXml(match[2] ?? match[3] ?? '')]);
    end = PAIR.lastIndex;
  }
  if (text.slice(end).trim() !== '')
    throw protocolViolation(`The answer has attributes that are none: ${text.slice(0, 80)}`);
  return pairs;
}
