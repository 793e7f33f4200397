/** Given last to every call. */
export interface CallOptions {
  /** Ends the wait with a `CANCELLED` error. The daemon is not told: libvirt has no message for that. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait with a `DEADLINE_EXCEEDED` error; the connection's `callTimeout` when absent. */
  readonly deadline?: Date | undefined;
}
