/** Given last to every call. */
export interface CallOptions {
  /** Ends the wait with a `CANCELLED` error. The server goes on with what it began; cancel its task to stop that. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait with a `DEADLINE_EXCEEDED` error; the client's `callTimeout` when absent. */
  readonly deadline?: Date | undefined;
}
