import { PARTS } from '../gen/schema.gen.js';

/** One of the shipped tables: rows of columns, by the name in their first one. */
export interface Table {
  /** The columns behind the name; undefined when there is no such row. */
  row(name: string): readonly string[] | undefined;
  names(): Iterable<string>;
}

/** What begins an abbreviation; a digit of base 36 follows. tools/vsphere-generator/src/abbreviations.mjs writes them. */
const LEADS = '!#%&(),-./<=>';
const RADIX = 36;
const ABBREVIATION = /([!#%&(),\-./<=>])([0-9a-z])/g;

let parts: readonly string[] | undefined;

/** A table over its text, which is looked at when the first row is wanted, and each row when that is. */
export function createTable(text: string): Table {
  let rows: Map<string, string> | undefined;
  const all = () => (rows ??= new Map(text.split('\n').map(nameAndRest)));
  return {
    row(name) {
      const rest = all().get(name);
      return rest === undefined ? undefined : spellOut(rest).split(';');
    },
    names: () => all().keys(),
  };
}

function nameAndRest(row: string): [name: string, rest: string] {
  const [name = ''] = row.split(';', 1);
  return [spellOut(name), row.slice(name.length + 1)];
}

function spellOut(text: string): string {
  const known = (parts ??= PARTS.split(' '));
  return text.replace(
    ABBREVIATION,
    (abbreviation, lead: string, digit: string) =>
      known[LEADS.indexOf(lead) * RADIX + Number.parseInt(digit, RADIX)] ?? abbreviation,
  );
}
