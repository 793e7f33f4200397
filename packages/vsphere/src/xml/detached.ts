/** Names and values that come again and again: half an answer. Long ones rarely do. */
const RECURRING = 48;
const PLACES = 256;
const recurring: string[] = Array.from({ length: PLACES }, () => '');

/**
 * A slice keeps the whole text alive that it was cut from, which may be a piece of an answer; this one does not. What
 * came a moment ago is the same string again: one that has been a key before is one at once.
 */
export function detached(text: string): string {
  const { length } = text;
  if (length === 0 || length > RECURRING) return copied(text);
  const place = (length * 37 + text.charCodeAt(length - 1) * 5 + text.charCodeAt(length >> 1)) % PLACES;
  if (recurring[place] === text) return recurring[place];
  return (recurring[place] = copied(text));
}

/** Up to twelve characters are copied by the engine itself. */
const copied = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1));
