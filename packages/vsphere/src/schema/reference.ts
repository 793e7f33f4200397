/** Names a managed object of the server, for example `{ type: 'VirtualMachine', value: 'vm-12' }`. */
export interface Reference<T extends string = string> {
  readonly type: T;
  /** The server's own id. Opaque: it may contain `/`, `@` and spaces. */
  readonly value: string;
}

/** xsd:dateTime as the server wrote it, for example `2026-11-21T14:00:00.123456Z`: a Date would lose the microseconds. */
export type DateTime = string;
