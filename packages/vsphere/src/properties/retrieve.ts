import type { CallOptions } from '../call-options.js';
import { isVsphereError } from '../errors/vsphere-error.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { ObjectContent } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';
import { createContainerView, destroyView, viewContent } from './container-view.js';
import type { ManagedObjectName, PropertyPath } from './property-path.js';
import { retrievePages } from './retrieve-pages.js';
import { retrievedObject, type RetrievedObject } from './retrieved-object.js';

export interface RetrieveRequest<T extends ManagedObjectName, P extends PropertyPath<T>> {
  /** A folder, datacenter, host, pool …: everything of the type below it. Or the objects themselves. */
  readonly from: Reference | readonly Reference[];
  readonly type: T;
  readonly paths: readonly P[];
  /** Objects a page; 1,000 when absent. Pages are for the server: objects are given one by one as they arrive. */
  readonly pageSize?: number | undefined;
  /** False: only what is directly in the container. */
  readonly recursive?: boolean | undefined;
  /** Is told of every object that was deleted while it was being listed. It is left out. */
  readonly onVanished?: ((ref: Reference) => void) | undefined;
}

const PAGE_SIZE = 1_000;
/** How often a listing starts again because the session was renewed under it, or its connection lost. */
const RESTARTS = 3;

/** Lists objects with some of their properties; see `Properties.retrieve`. */
export async function* retrieve<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: RetrieveRequest<T, P>,
  options: CallOptions,
): AsyncGenerator<RetrievedObject<T, P>, void, undefined> {
  const given = new Set<string>();
  for (let restart = 0; ; restart++) {
    const { generation } = session;
    try {
      for await (const content of listing(session, request, given, options)) {
        if (given.has(content.obj.value)) continue;
        given.add(content.obj.value);
        yield retrievedObject(content);
      }
      return;
    } catch (error) {
      const cut = isVsphereError(error) && error.code === 'CONNECTION_LOST';
      const renewed = isFault(error, 'NotAuthenticated') || session.generation !== generation;
      if (!(cut || renewed) || restart >= RESTARTS) throw error;
      if (renewed) await session.renew(generation, options);
    }
  }
}

async function* listing<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: RetrieveRequest<T, P>,
  given: ReadonlySet<string>,
  options: CallOptions,
): AsyncGenerator<ObjectContent, void, undefined> {
  const { from, type, paths, pageSize = PAGE_SIZE } = request;
  const pages = { type, paths, pageSize };
  if (!('value' in from)) return yield* survivors(session, request, from, given, options);
  const view = await createContainerView(session, from, [type], request.recursive ?? true, options);
  try {
    yield* retrievePages(session, { ...pages, objects: [viewContent(view)] }, options);
  } catch (error) {
    // One object that was deleted in between fails the whole of a server's answer: list the others by name.
    if (!isFault(error, 'ManagedObjectNotFound') || error.fault.obj.value === view.value) throw error;
    const others = (await objectsIn(session, view, options)).filter(({ value }) => value !== error.fault.obj.value);
    request.onVanished?.(error.fault.obj);
    yield* survivors(session, request, others, given, options);
  } finally {
    await destroyView(session, view);
  }
}

/** The objects of a list that still exist. */
async function* survivors<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  { type, paths, pageSize = PAGE_SIZE, onVanished }: RetrieveRequest<T, P>,
  refs: readonly Reference[],
  given: ReadonlySet<string>,
  options: CallOptions,
): AsyncGenerator<ObjectContent, void, undefined> {
  let left = refs.filter(({ value }) => !given.has(value));
  while (left.length > 0) {
    try {
      yield* retrievePages(session, { type, paths, pageSize, objects: left.map((obj) => ({ obj })) }, options);
      return;
    } catch (error) {
      if (!isFault(error, 'ManagedObjectNotFound')) throw error;
      const { obj } = error.fault;
      if (!left.some(({ value }) => value === obj.value)) throw error;
      onVanished?.(obj);
      left = left.filter(({ value }) => value !== obj.value && !given.has(value));
    }
  }
}

async function objectsIn(session: Session, view: Reference, options: CallOptions): Promise<readonly Reference[]> {
  const pages = { type: 'ContainerView', paths: ['view'], pageSize: 1, objects: [{ obj: view }] };
  for await (const content of retrievePages(session, pages, options)) {
    const { properties } = retrievedObject<'ContainerView', 'view'>(content);
    return properties.view ?? [];
  }
  return [];
}
