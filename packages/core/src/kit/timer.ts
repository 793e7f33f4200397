// setTimeout takes 32 bits; what is longer fires at once. https://nodejs.org/api/timers.html
const LONGEST_MILLISECONDS = 2_147_483_647;

/** Calls `fire` once when `at` has come, however far away that is. Returns the function that stops the timer. */
export function startTimer(at: Date, fire: () => void): () => void {
  let handle: ReturnType<typeof setTimeout>;
  const arm = (): void => {
    const left = at.getTime() - Date.now();
    handle = left > LONGEST_MILLISECONDS ? setTimeout(arm, LONGEST_MILLISECONDS) : setTimeout(fire, Math.max(0, left));
  };
  arm();
  return () => clearTimeout(handle);
}
