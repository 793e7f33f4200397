/**
 * What every call of the contract takes as its last argument.
 *
 * CONTRACT question 13 (cancelling?): `signal` asks. The call settles with `CALL.CANCELLED` and a truthful
 * `stateAfter`, or completes when it was too late. Proven by: `cancellation/aborted-before-start-changes-nothing`,
 * `cancellation/aborted-call-settles`.
 */
export interface CallOptions {
  /** Asks the call to stop. An already aborted signal makes it reject before anything is changed. */
  readonly signal?: AbortSignal;
  /**
   * The moment after which the caller no longer waits: the call rejects with `CALL.DEADLINE_EXCEEDED`, `stateAfter`
   * telling what is known. Without it the driver's own default applies; no call waits for ever.
   * Proven by: `cancellation/deadline-is-kept`.
   */
  readonly deadline?: Date;
}
