import type { Call, Reference } from './soap/call.js';

/** One request that came in. */
export interface LoggedRequest {
  readonly number: number;
  /** Name of the SOAP method; for other requests the HTTP method and the path, without what may be secret in it. */
  readonly method: string;
  readonly self: Reference | undefined;
  /** HTTP status of the answer; undefined while there is none, or when the connection was broken instead. */
  status: number | undefined;
  /** The type of the fault that was answered. */
  fault: string | undefined;
}

/** Keeps the most recent requests. */
export function requestLog(limit = 10_000) {
  const entries: LoggedRequest[] = [];
  const add = (entry: LoggedRequest): LoggedRequest => {
    entries.push(entry);
    if (entries.length > limit) entries.shift();
    return entry;
  };
  const blank = { status: undefined, fault: undefined };
  return {
    entries,
    addCall: ({ number, method, self }: Call) => add({ number, method, self, ...blank }),
    addPlain: (number: number, method: string, path: string) =>
      add({ number, method: `${method} ${path.replace(/\?.*/s, '')}`, self: undefined, ...blank }),
  };
}
