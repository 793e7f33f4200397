/** Reasons that cells refer to by number. */
export interface Footnotes {
  /** The numbers of these reasons, as marks behind a word. */
  mark(reasons: readonly string[]): string;
  /** All reasons so far, one line each. */
  lines(): readonly string[];
}

/** No reasons yet. */
export function createFootnotes(): Footnotes {
  const numbers = new Map<string, number>();
  const numberOf = (reason: string): number => {
    const known = numbers.get(reason) ?? numbers.size + 1;
    numbers.set(reason, known);
    return known;
  };
  return {
    mark: (reasons) => [...new Set(reasons)].map((reason) => ` [${numberOf(reason)}]`).join(''),
    lines: () => [...numbers].map(([reason, number]) => `${number}. ${reason.replace(/\s+/g, ' ')}`),
  };
}
