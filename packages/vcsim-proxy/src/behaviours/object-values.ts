import type { Reference } from '../soap/call.js';
import { child, childrenOf, withChildren, type Element } from '../xml/element.js';

/** Changes what clients read: a value of a property, or undefined where it shall be left alone. */
export type Overlay = (object: Reference, path: string, value: Element) => Element | undefined;

/** The object that an ObjectContent or ObjectUpdate is about. */
export function objectOf(content: Element): Reference {
  const { type = '', text = '' } = child(content, 'obj') ?? {};
  return { type, value: text };
}

/** Whether two references name the same object. */
export const isSame = (one: Reference, other: Reference): boolean =>
  one.type === other.type && one.value === other.value;

/** An ObjectContent or ObjectUpdate with the values that the overlays want. */
export function overlaid(content: Element, overlays: readonly Overlay[]): Element {
  const object = objectOf(content);
  const children = content.children.map((part) => {
    if (part.name !== 'propSet' && part.name !== 'changeSet') return part;
    const path = child(part, 'name')?.text ?? '';
    return withChildren(
      part,
      part.children.map((value) => (value.name === 'val' ? changed(object, path, value, overlays) : value)),
    );
  });
  return withChildren(content, children);
}

function changed(object: Reference, path: string, value: Element, overlays: readonly Overlay[]): Element {
  return overlays.reduce((current, overlay) => overlay(object, path, current) ?? current, value);
}

/** The objects of a listing's answer: of RetrieveProperties, RetrievePropertiesEx and ContinueRetrievePropertiesEx. */
export function listedObjects(content: Element): readonly Element[] {
  const returned = childrenOf(content, 'returnval');
  return content.name === 'RetrievePropertiesResponse' ? returned : childrenOf(returned[0], 'objects');
}

/** The same answer with other objects, and a token where more of them follow. */
export function withListedObjects(content: Element, objects: readonly Element[], token?: Element): Element {
  if (content.name === 'RetrievePropertiesResponse') return withChildren(content, objects);
  const [returned] = childrenOf(content, 'returnval');
  // Without any object the result is none at all.
  if (!returned || objects.length === 0) return withChildren(content, []);
  return withChildren(content, [withChildren(returned, [...(token ? [token] : []), ...objects])]);
}
