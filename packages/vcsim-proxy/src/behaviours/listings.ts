import type { Handler } from '../chain/handler.js';
import type { Settings } from '../settings.js';
import { contentOf, faultAnswer, resultAnswer, withContent } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { withOperation } from '../soap/call.js';
import { child, childrenOf, element, replaceChild, textOf, typed, withChildren, type Element } from '../xml/element.js';
import { isSame, listedObjects, objectOf, overlaid, withListedObjects, type Overlay } from './object-values.js';

interface Rest {
  readonly owner: string;
  readonly objects: readonly Element[];
  readonly limit: number;
}

/** Pages, objects that vanish, and properties that may not be read: as a real property collector has them. */
export function listings(
  settings: Settings,
  overlays: readonly Overlay[],
  isAlive: (call: Call) => Promise<boolean>,
  restate: (call: Call, content: Element) => Element,
): Handler {
  const rests = new Map<string, Rest>();
  const met = new Set<string>();
  let tokens = 0;

  /** The next page of these objects; what is left waits under a token, of which the first is "0". */
  function page(call: Call, content: Element, objects: readonly Element[], limit: number): Element {
    const [now, later] = [objects.slice(0, limit), objects.slice(limit)];
    if (later.length === 0) return withListedObjects(content, now);
    const token = String(tokens++);
    rests.set(token, { owner: ownerOf(call), objects: later, limit });
    return withListedObjects(content, now, element('token', token));
  }

  async function go(call: Call): ReturnType<Handler> {
    if (!(await isAlive(call))) return faultAnswer({ type: 'NotAuthenticated' });
    const token = textOf(call.operation, 'token') ?? '';
    const rest = rests.get(token);
    if (rest?.owner !== ownerOf(call)) return faultAnswer(unknownToken);
    rests.delete(token);
    if (call.method === 'CancelRetrievePropertiesEx') return resultAnswer(call.method);
    const empty = element('ContinueRetrievePropertiesExResponse', [element('returnval')]);
    const gone = vanishing(rest.objects);
    if (gone) return faultAnswer(notFound(gone));
    const content = page(call, empty, visible(rest.objects), rest.limit);
    return resultAnswer(call.method, content.children);
  }

  /** An object that vanished and was not met since. */
  const vanishing = (objects: readonly Element[]): Reference | undefined => {
    const gone = objects.map(objectOf).find((each) => isVanished(settings, each) && !met.has(each.value));
    if (gone) met.add(gone.value);
    return gone;
  };
  const visible = (objects: readonly Element[]) =>
    objects
      .filter((each) => !isVanished(settings, objectOf(each)))
      .map((each) => withoutDenied(overlaid(each, overlays), settings));

  return async (call, next) => {
    if (isVanished(settings, call.self)) return faultAnswer(notFound(call.self));
    if (/^(Continue|Cancel)RetrievePropertiesEx$/.test(call.method)) return go(call);
    if (!/^RetrieveProperties(Ex)?$/.test(call.method)) return next(call);
    const named = namedObjects(call).find((each) => isVanished(settings, each));
    if (named) return faultAnswer(notFound(named));
    const { wanted, limit } = withoutLimit(call, settings);
    const answer = await next(wanted);
    const content = contentOf(answer);
    if (answer.status !== 200 || !content) return answer;
    const objects = listedObjects(content).map((each) => restate(call, each));
    const gone = vanishing(objects);
    if (gone) return faultAnswer(notFound(gone));
    return withContent(answer, page(call, content, visible(objects), limit));
  };
}

const unknownToken = {
  type: 'InvalidArgument',
  message: 'A specified parameter was not correct: token',
  fields: [element('invalidProperty', 'token')],
};

/** What a server says about an object that it does not have. */
export const notFound = ({ type, value }: Reference) => ({
  type: 'ManagedObjectNotFound',
  message: `The object '${type}:${value}' has already been deleted or has not been completely created`,
  fields: [element('obj', value, { type })],
});

const isVanished = ({ vanished }: Settings, object: Reference) => vanished.some((each) => isSame(each, object));

/** A token belongs to the session and the collector that it was given to. */
const ownerOf = ({ session, self }: Call): string => `${session ?? ''} ${self.value}`;

function namedObjects({ operation }: Call): readonly Reference[] {
  return childrenOf(operation, 'specSet').flatMap((spec) =>
    childrenOf(spec, 'objectSet').map((each) => ({
      type: child(each, 'obj')?.type ?? '',
      value: textOf(each, 'obj') ?? '',
    })),
  );
}

/** The simulator shall not make pages of its own. */
function withoutLimit(call: Call, { pageSize }: Settings): { wanted: Call; limit: number } {
  if (call.method === 'RetrieveProperties') return { wanted: call, limit: Infinity };
  const options = child(call.operation, 'options');
  const asked = Number(textOf(options, 'maxObjects') ?? 0);
  const limit = asked > 0 ? Math.min(asked, pageSize) : pageSize;
  if (!options) return { wanted: call, limit };
  const operation = replaceChild(call.operation, 'options', replaceChild(options, 'maxObjects', undefined));
  return { wanted: withOperation(call, operation), limit };
}

function withoutDenied(content: Element, { denied }: Settings): Element {
  const { type } = objectOf(content);
  const isDenied = (part: Element) =>
    part.name === 'propSet' &&
    denied.some((each) => each.type === type && `${textOf(part, 'name') ?? ''}.`.startsWith(`${each.path}.`));
  if (!content.children.some(isDenied)) return content;
  const refused = content.children.filter(isDenied).map((part) => missing(content, textOf(part, 'name') ?? ''));
  return withChildren(content, [...content.children.filter((part) => !isDenied(part)), ...refused]);
}

function missing(content: Element, path: string): Element {
  const { type, value } = objectOf(content);
  const fields = [element('object', value, { type }), element('privilegeId', 'System.View')];
  const fault = element('fault', [
    typed('fault', 'NoPermission', fields),
    element('localizedMessage', 'Permission to perform this operation was denied.'),
  ]);
  return element('missingSet', [element('path', path), fault]);
}
