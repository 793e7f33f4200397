import type { CallOptions } from '../call-options.js';
import { VsphereFault } from '../errors/vsphere-fault.js';
import type { ObjectContent, ObjectSpec, RetrieveResult } from '../gen/data-types.gen.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { isUnauthenticated } from './retrieved-object.js';

export interface Pages {
  readonly objects: readonly ObjectSpec[];
  readonly type: string;
  readonly paths: readonly string[];
  readonly pageSize: number;
}

/**
 * The objects of a specification, page after page, each given as soon as it has arrived. A token belongs to its session
 * and to us: what is left of the server's pages is given back when the loop ends early.
 * @throws VsphereFault `NotAuthenticated` when the session was lost on the way
 */
export async function* retrievePages(
  session: Session,
  pages: Pages,
  options: CallOptions,
): AsyncGenerator<ObjectContent, void, undefined> {
  const collector = session.content.propertyCollector;
  const propSet = [{ type: pages.type, pathSet: pages.paths, all: false }];
  const first = { specSet: [{ propSet, objectSet: pages.objects }], options: { maxObjects: pages.pageSize } };
  let token: string | undefined;
  let name = 'RetrievePropertiesEx';
  let parameters: object = first;
  try {
    do {
      const page = session.stream(shippedMethod(name), collector, parameters, 'objects', options);
      token = undefined;
      token = yield* authenticated(page);
      name = 'ContinueRetrievePropertiesEx';
      parameters = { token };
      // '0' is a token.
    } while (token !== undefined);
  } finally {
    if (token !== undefined)
      await session
        .call(shippedMethod('CancelRetrievePropertiesEx'), collector, { token }, options)
        .catch(() => undefined);
  }
}

/** One page; its token when there is another. */
async function* authenticated(
  page: AsyncGenerator<unknown, unknown, undefined>,
): AsyncGenerator<ObjectContent, string | undefined, undefined> {
  try {
    for (;;) {
      const next = await page.next();
      // The decoder makes these by the tables of RetrieveResult; a query without objects has no result.
      if (next.done) return (next.value as RetrieveResult | undefined)?.token;
      const content = next.value as ObjectContent;
      if (isUnauthenticated(content))
        throw new VsphereFault(
          'RetrievePropertiesEx',
          { $type: 'NotAuthenticated', object: content.obj, privilegeId: 'System.Read' },
          undefined,
        );
      yield content;
    }
  } finally {
    await page.return(undefined);
  }
}
