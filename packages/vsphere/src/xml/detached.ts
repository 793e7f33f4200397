/** A slice keeps the whole text alive that it was cut from, which may be a piece of an answer; this one does not. */
export function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
