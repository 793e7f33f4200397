/** The longest name that vSphere gives a virtual machine. */
const LONGEST_NATIVE_NAME = 80;

const ESCAPES: Readonly<Record<string, string>> = { '%': '%25', '/': '%2f', '\\': '%5c' };

/** Text as vSphere keeps it in names: `%`, `/` and `\` are escaped by the client. vSphere API reference, ManagedEntity.name. */
export const escapeName = (text: string): string => text.replace(/[%/\\]/g, (character) => ESCAPES[character] ?? '');

/** The text behind a native name; what is no escape of vSphere's stays as it is. */
export const unescapeName = (name: string): string =>
  name.replace(/%(25|2f|5c)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** What follows a name that is taken, or cut: enough of the machine's uuid to be its own. */
const suffixOf = (uuid: string): string => `-${uuid.slice(0, 8)}`;

/**
 * The native name of a machine with this display name: the escaped text, cut where it is too long, with a suffix when it
 * was cut or the plain one is `taken`. The display text itself is kept in the machine's note.
 */
export function nativeName(displayName: string, uuid: string, taken = false): string {
  const whole = escapeName(displayName.trim());
  if (whole !== '' && whole.length <= LONGEST_NATIVE_NAME && !taken) return whole;
  const suffix = suffixOf(uuid);
  const room = LONGEST_NATIVE_NAME - suffix.length;
  let cut = '';
  // By characters, so that no pair of surrogates and no escape is cut in two.
  for (const character of displayName.trim()) {
    const next = cut + escapeName(character);
    if (next.length > room) break;
    cut = next;
  }
  return `${cut}${suffix}`;
}
