/** A length of time with its unit in the name. */
export type Duration = { readonly milliseconds: number } | { readonly seconds: number } | { readonly minutes: number };

/** The duration in milliseconds. Throws `RangeError` when it is negative or not a finite number. */
export function inMilliseconds(duration: Duration): number {
  const value = convert(duration);
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`Duration must be a finite number from 0 up; got ${value} ms.`);
  }
  return value;
}

function convert(duration: Duration): number {
  if ('milliseconds' in duration) return duration.milliseconds;
  if ('seconds' in duration) return duration.seconds * 1_000;
  return duration.minutes * 60_000;
}
