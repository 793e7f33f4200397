/**
 * The hypervisor's own words, kept for people and bug reports, never matched by code.
 *
 * CONTRACT question 26 (clock, time zones, locale?): texts may be localized and are detail only; every time in the
 * contract is a `Date` (UTC). Proven by: `errors/native-detail-is-kept`.
 */
export interface NativeDetail {
  /** Native code or type, for example an error number or fault name. */
  readonly code: string;
  /** Native text as received. */
  readonly message: string;
}
