import type { CallOptions } from './call-options.js';
import { tasksOf, type TaskOptions, type Tasks } from './tasks/tasks.js';
import { invalidArgument, VsphereError } from './errors/vsphere-error.js';
import type { MethodMap } from './gen/methods.gen.js';
import type { ServiceContent } from './gen/data-types.gen.js';
import { filesOf, type Files } from './files/files.js';
import { leasesOf, type Leases } from './leases/leases.js';
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
  readonly tasks: Tasks;
  readonly files: Files;
  readonly leases: Leases;
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
  /**
   * Calls a method that begins a task, and waits for the task's result.
   * @throws as `invoke` and `tasks.wait`
   */
  run<T extends keyof MethodMap, M extends MethodsOf<T> & `${string}_Task`>(
    ref: Reference<T>,
    method: M,
    parameters: ParametersOf<T, M>,
    options?: TaskOptions,
  ): Promise<unknown>;
  /** Logs out and closes the connections. Never rejects: a server that is gone ends the session by itself. */
  close(): Promise<void>;
}

/** The client over an open session; it owns both. */
export function clientOver(session: Session, http: HttpClient): Vsphere {
  const properties = propertiesOf(session);
  const tasks = tasksOf(session, properties);
  const call = (ref: Reference, name: string, parameters: unknown, options: CallOptions) => {
    const method = methodNamed(name);
    if (!method) throw invalidArgument(`There is no method ${name}.`);
    return session.call(method, ref, Object(parameters), options);
  };
  const close = async () => {
    tasks.stop(new VsphereError('CLOSED', 'The client was closed.', { sent: true }));
    await session.close();
    http.close();
  };
  return {
    get content() {
      return session.content;
    },
    properties,
    tasks,
    files: filesOf(session, http),
    leases: leasesOf(session, http, properties),
    invoke: async <T extends keyof MethodMap, M extends MethodsOf<T>>(
      ref: Reference<T>,
      method: M,
      parameters: ParametersOf<T, M>,
      options: CallOptions = {},
    ) => {
      // The decoder makes the result by the same tables as the types.
      return (await call(ref, method, parameters, options)) as ResultOf<T, M>;
    },
    run: async (ref, method, parameters, options = {}) => {
      // A method called so returns its task.
      const task = (await call(ref, method, parameters, options)) as Reference<'Task'>;
      return await tasks.wait(task, options);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
