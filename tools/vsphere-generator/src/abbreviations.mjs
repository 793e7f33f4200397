/** What begins an abbreviation: no name has any of these, and no row for another purpose. */
const LEADS = '!#%&(),-./<=>';
const RADIX = 36;
/** The parts of names in camel case: `VirtualSCSIController` → `Virtual`, `SCSI`, `Controller`. */
const PARTS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
/** An abbreviation has two characters. */
const SHORTEST = 3;

/**
 * The parts of names whose abbreviation saves the most, in alphabetical order, so that few change places when a
 * method is added.
 * @param {readonly string[]} rows @returns {string[]}
 */
export function frequentParts(rows) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) for (const part of row.match(PARTS) ?? []) counts.set(part, (counts.get(part) ?? 0) + 1);
  const saved = (/** @type {[string, number]} */ [part, count]) => count * (part.length - 2) - part.length;
  return [...counts]
    .filter(([part]) => part.length >= SHORTEST)
    .sort((a, b) => saved(b) - saved(a) || (a[0] < b[0] ? -1 : 1))
    .slice(0, LEADS.length * RADIX)
    .map(([part]) => part)
    .sort();
}

/**
 * Writes rows with two characters instead of each of these parts: a lead and a digit of base 36.
 * `packages/vsphere/src/schema/table.ts` reads them.
 * @param {readonly string[]} parts @param {readonly string[]} rows @returns {string[]}
 */
export function abbreviate(parts, rows) {
  const places = new Map(parts.map((part, place) => [part, place]));
  return rows.map((row) => {
    if (/[^\w;:@?*+]/.test(row)) throw new Error(`The row ${row} has a character that cannot be in a name.`);
    return row.replace(PARTS, (part) => {
      const place = places.get(part);
      return place === undefined ? part : `${LEADS[Math.floor(place / RADIX)]}${(place % RADIX).toString(RADIX)}`;
    });
  });
}
