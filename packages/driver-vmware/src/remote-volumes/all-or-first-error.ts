/** Waits for the end of all, and then throws what the first of them threw: nothing goes on behind the caller's back. */
export async function allOrFirstError<T>(calls: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}
