import type { CallOptions } from './call-options.js';
import { invalidArgument } from './errors/vsphere-error.js';
import type { MethodMap } from './gen/methods.gen.js';
import type { ServiceContent } from './gen/data-types.gen.js';
import type { HttpClient } from './http/http-client.js';
import { propertiesOf, type Properties } from './properties/properties.js';
import type { Reference } from './schema/reference.js';
import { methodNamed } from './schema/schema.js';
import type { Session } from './session/session.js';

/** The methods that objects of a type have. */
export type MethodsOf<T extends keyof MethodMap> = keyof MethodMap[T] & string;
type Row<T extends keyof MethodMap, M extends MethodsOf<T>> = MethodMap[T][M] extends {
  readonly parameters: infer P;
  readonly result: infer R;
}
  ? { readonly parameters: P; readonly result: R }
  : never;
export type ParametersOf<T extends keyof MethodMap, M extends MethodsOf<T>> = Row<T, M>['parameters'];
export type ResultOf<T extends keyof MethodMap, M extends MethodsOf<T>> = Row<T, M>['result'];

/** A logged-in client of one vCenter or ESXi. Calls may run at once; they share one session and its connections. */
export interface Vsphere extends AsyncDisposable {
  /** Where everything begins: the server's version and its managers. */
  readonly content: ServiceContent;
  readonly properties: Properties;
  /**
   * Calls a method of a managed object, of vim25 or PBM. A method `…_Task` returns its task at once.
   * @throws VsphereFault for what the server refuses; VsphereError for what never got an answer
   */
  invoke<T extends keyof MethodMap, M extends MethodsOf<T>>(
    ref: Reference<T>,
    method: M,
    parameters: ParametersOf<T, M>,
    options?: CallOptions,
  ): Promise<ResultOf<T, M>>;
  /** Logs out and closes the connections. Never rejects: a server that is gone ends the session by itself. */
  close(): Promise<void>;
}

/** The client over an open session; it owns both. */
export function clientOver(session: Session, http: HttpClient): Vsphere {
  const close = async () => {
    await session.close();
    http.close();
  };
  return {
    get content() {
      return session.content;
    },
    properties: propertiesOf(session),
    invoke: <T extends keyof MethodMap, M extends MethodsOf<T>>(
      ref: Reference<T>,
      name: M,
      parameters: ParametersOf<T, M>,
      options: CallOptions = {},
    ) => {
      const method = methodNamed(name);
      if (!method) throw invalidArgument(`There is no method ${name}.`);
      // The decoder makes the result by the same tables as the types.
      return session.call(method, ref, Object(parameters), options) as Promise<ResultOf<T, M>>;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
