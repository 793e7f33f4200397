/** A string, a number, null, or a list of such. @typedef {string | number | null | readonly unknown[]} Literal */

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|(\d+)|([A-Za-z_]\w*)|([()[\],|]))/y;
/** The names that stand for values in the tables. @type {Readonly<Record<string, number | null>>} */
const NAMES = { None: null, True: 1, False: 0, F_LINK: 1, F_LINKABLE: 2, F_OPTIONAL: 4, F_SECRET: 8 };

/**
 * The calls at the beginning of lines whose arguments are literals. The text is read, never run.
 * @param {string} text
 * @returns {{ name: string, args: Literal[] }[]}
 */
export function parseCalls(text) {
  return [...text.matchAll(/^(Create\w+)\(/gm)].map((match) => {
    const reader = new LiteralReader(text, match.index + match[0].length);
    return { name: String(match[1]), args: reader.sequence(')') };
  });
}

class LiteralReader {
  /** @param {string} text @param {number} position */
  constructor(text, position) {
    this.text = text;
    this.position = position;
  }

  /** The values up to the closing mark. @param {string} end @returns {Literal[]} */
  sequence(end) {
    /** @type {Literal[]} */
    const values = [];
    for (;;) {
      const token = this.next();
      if (token.mark === end) return values;
      if (token.mark === ',') continue;
      if (token.mark === '|') {
        // Flags are added with `|`; the left side is already there.
        values.push(Number(values.pop()) | Number(this.value(this.next())));
        continue;
      }
      values.push(this.value(token));
    }
  }

  /** @param {{ mark?: string, value?: Literal }} token @returns {Literal} */
  value(token) {
    if (token.mark === '(') return this.sequence(')');
    if (token.mark === '[') return this.sequence(']');
    if (token.value === undefined) throw new Error(`Unexpected ${token.mark} at ${this.position}.`);
    return token.value;
  }

  /** @returns {{ mark?: string, value?: Literal }} */
  next() {
    TOKEN.lastIndex = this.position;
    const match = TOKEN.exec(this.text);
    if (!match)
      throw new Error(`Not a literal at ${this.position}: ${this.text.slice(this.position, this.position + 40)}`);
    this.position = TOKEN.lastIndex;
    const [, text, number, name, mark] = match;
    if (mark !== undefined) return { mark };
    if (text !== undefined) return { value: text };
    if (number !== undefined) return { value: Number(number) };
    if (name === undefined || !(name in NAMES)) throw new Error(`The name ${name} is not known.`);
    return { value: NAMES[name] ?? null };
  }
}
