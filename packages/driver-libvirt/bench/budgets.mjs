/** The budgets of a run, with what became of them. A value is undefined when its peer is not installed. */
export function budgets() {
  const rows = [];
  const add = (what, value, kind, limit, unit) => {
    const ok = kind === 'min' ? value >= limit : value <= limit;
    rows.push({
      what,
      value: value === undefined ? '-' : `${value.toFixed(2)} ${unit}`,
      budget: `${kind === 'min' ? '≥' : '≤'} ${limit.toFixed(2)} ${unit}`,
      met: value === undefined ? 'not measured' : ok ? 'met' : 'MISSED',
    });
  };
  return {
    atMost: (what, value, limit, unit = '×') => add(what, value, 'max', limit, unit),
    atLeast: (what, value, limit, unit = '×') => add(what, value, 'min', limit, unit),
    /** Prints the table; false when one was missed. */
    report() {
      console.table(rows);
      return !rows.some(({ met }) => met === 'MISSED');
    },
  };
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
