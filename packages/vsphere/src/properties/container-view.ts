import type { CallOptions } from '../call-options.js';
import type { ObjectSpec } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';

const DESTROY_MS = 5_000;

/** The objects of some types below a container, kept current by the server until the view is destroyed. */
export async function createContainerView(
  session: Session,
  container: Reference,
  types: readonly string[],
  recursive: boolean,
  options: CallOptions,
): Promise<Reference> {
  const manager = session.content.viewManager ?? { type: 'ViewManager', value: 'ViewManager' };
  const parameters = { container, type: types, recursive };
  // CreateContainerView returns a reference by its table.
  return (await session.call(shippedMethod('CreateContainerView'), manager, parameters, options)) as Reference;
}

/** Gives a view back. A server that has forgotten it already has done so. */
export async function destroyView(session: Session, view: Reference): Promise<void> {
  const deadline = new Date(Date.now() + DESTROY_MS);
  await session.call(shippedMethod('DestroyView'), view, {}, { deadline }).catch(() => undefined);
}

/** Selects what a view shows, but not the view. */
export function viewContent(view: Reference): ObjectSpec {
  const traversal = { $type: 'TraversalSpec', type: view.type, path: 'view', skip: false } as const;
  return { obj: view, skip: true, selectSet: [traversal] };
}
