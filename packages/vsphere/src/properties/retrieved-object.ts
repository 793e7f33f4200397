import type { MissingProperty, ObjectContent } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import type { ManagedObjectName, PropertyValues } from './property-path.js';

/** An object of a listing. */
export interface RetrievedObject<T extends ManagedObjectName, P extends string> {
  readonly ref: Reference<T>;
  readonly properties: PropertyValues<T, P>;
  /** The paths that the server would not read, with its reasons: usually `NoPermission`. */
  readonly missing: readonly MissingProperty[];
}

const NOTHING: readonly MissingProperty[] = [];

/** An object of the property collector by the paths that were asked for. */
export function retrievedObject<T extends ManagedObjectName, P extends string>(
  content: ObjectContent,
): RetrievedObject<T, P> {
  const properties: Record<string, unknown> = {};
  for (const { name, val } of content.propSet ?? []) properties[name] = val;
  return {
    // The server answers with what the specification of the request names: objects of T with properties of P.
    ref: content.obj as Reference<T>,
    properties: properties as PropertyValues<T, P>,
    missing: content.missingSet ?? NOTHING,
  };
}

/** Whether the server read nothing because it does not know the session any more: it says so object by object. */
export function isUnauthenticated(content: ObjectContent): boolean {
  return content.missingSet?.some(({ fault }) => fault.fault.$type === 'NotAuthenticated') ?? false;
}
