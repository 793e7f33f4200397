import type { CallOptions } from '../call-options.js';
import { faultOf } from '../errors/vsphere-fault.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';
import type { ManagedObjectName, PropertyPath, PropertyValues } from './property-path.js';
import { retrieve, type RetrieveRequest } from './retrieve.js';
import { watch, type Update, type WatchRequest } from './watch.js';
import type { RetrievedObject } from './retrieved-object.js';

/** Reads properties of the server's objects. */
export interface Properties {
  /**
   * Reads some properties of one object. One that is not set is absent.
   * @throws VsphereFault `ManagedObjectNotFound`; `InvalidProperty` for a path that the type does not have; what the
   *   server says of a property that it does not let us read, for example `NoPermission`
   */
  get<T extends ManagedObjectName, P extends PropertyPath<T>>(
    ref: Reference<T>,
    paths: readonly P[],
    options?: CallOptions,
  ): Promise<PropertyValues<T, P>>;

  /**
   * Lists objects with some of their properties, each as soon as it has arrived. Leaving the loop ends the listing on
   * the server too. An object that is deleted meanwhile is left out and told to `onVanished`; a session that expires
   * meanwhile is renewed and the listing goes on, without an object coming twice.
   * The deadline is that of the whole loop.
   */
  retrieve<T extends ManagedObjectName, P extends PropertyPath<T>>(
    request: RetrieveRequest<T, P>,
    options?: CallOptions,
  ): AsyncGenerator<RetrievedObject<T, P>, void, undefined>;

  /**
   * Tells what exists (`enter`), then `current`, then every change, for as long as the loop runs. The server is asked once and
   * answers when something changes. When it restarts, the session ends or its memory of versions does, `resync` tells
   * that changes may be missing, and everything that exists comes again. Without a deadline it never ends by itself.
   */
  watch<T extends ManagedObjectName, P extends PropertyPath<T>>(
    request: WatchRequest<T, P>,
    options?: CallOptions,
  ): AsyncGenerator<Update<T, P>, void, undefined>;
}

export function propertiesOf(session: Session): Properties {
  return {
    get: (ref, paths, options = {}) => getProperties(session, ref, paths, options),
    retrieve: (request, options = {}) => retrieve(session, request, options),
    watch: (request, options = {}) => watch(session, request, options),
  };
}

async function getProperties<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  ref: Reference<T>,
  paths: readonly P[],
  options: CallOptions,
): Promise<PropertyValues<T, P>> {
  let gone: Reference | undefined;
  const request = { from: [ref], type: ref.type, paths, onVanished: (object: Reference) => (gone = object) };
  for await (const { properties, missing } of retrieve(session, request, options)) {
    const [first] = missing;
    if (first) throw faultOf('RetrievePropertiesEx', first.fault);
    return properties;
  }
  const fault = { $type: 'ManagedObjectNotFound', obj: gone ?? ref } as const;
  throw faultOf('RetrievePropertiesEx', { fault, localizedMessage: `${ref.type} ${ref.value} does not exist` });
}
