// Reads the page that `virt-conformance matrix` writes: its runs, and what each row says of each driver.

const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const isRule = (line) => /^[|\s-]+$/.test(line);

/** Footnote numbers depend on what else is on a page; what is compared is the reason. */
const withReasons = (cell, notes) => cell.replace(/\[(\d+)\]/g, (_, number) => `(${notes.get(number)})`);

const notesOf = (lines) =>
  new Map(lines.map((line) => /^(\d+)\. (.*)$/.exec(line)?.slice(1)).filter((note) => note !== undefined));

/** @typedef {{driver: string, version: string, tier: string, hypervisor: string, cases: string}} Run */

/**
 * @param {string} text of docs/support-matrix.md
 * @returns {{runs: Run[], columns: Map<string, Map<string, string>>}} `columns`: driver → row → what it says
 */
export function readMatrix(text) {
  const lines = text.split('\n');
  const notes = notesOf(lines);
  const page = { runs: [], columns: new Map() };
  let head;
  for (const line of lines) {
    if (!line.startsWith('|')) head = undefined;
    else if (head === undefined) head = cellsOf(line);
    else if (!isRule(line)) readRow(page, head, cellsOf(line), notes);
  }
  return page;
}

function readRow({ runs, columns }, head, cells, notes) {
  if (head[0] === 'driver') {
    runs.push(Object.fromEntries(head.map((name, index) => [name, cells[index]])));
    return;
  }
  head.slice(1).forEach((driver, index) => {
    const column = columns.get(driver) ?? new Map();
    columns.set(driver, column.set(cells[0], withReasons(cells[index + 1], notes)));
  });
}

const keyOf = ({ driver, version, tier, hypervisor }) => `${driver} ${version} on ${hypervisor} (${tier})`;
const rowsThatDiffer = (old = new Map(), now = new Map()) =>
  // A row that only other drivers claim is not on a page of this driver alone.
  [...new Set([...old.keys(), ...now.keys()])].filter((row) => (old.get(row) ?? '–') !== (now.get(row) ?? '–'));

/**
 * Compares the page with one made from the reports of this run, as far as these can tell.
 * @returns {{stale: string[], unknown: string[]}} what is old, and which runs could not be compared, with reasons
 */
export function compareMatrix(page, fresh) {
  const [old, now] = [readMatrix(page), readMatrix(fresh)];
  const drivers = [...new Set([...old.runs, ...now.runs].map(({ driver }) => driver))].sort();
  const found = drivers.map((driver) => compareDriver(driver, old, now));
  return { stale: found.flatMap(({ stale }) => stale), unknown: found.flatMap(({ unknown }) => unknown) };
}

// A page can only be compared with the same runs: a driver may prove less on another version, or without its peer.
function compareDriver(driver, before, after) {
  const [old, now] = [before, after].map(({ runs }) => runs.filter((run) => run.driver === driver));
  const missing = (runs, others, isSame) => runs.filter((run) => !others.some((other) => isSame(run, other)));
  const kindOf = ({ version, tier }) => `${version} ${tier}`;
  const added = missing(now, old, (run, other) => kindOf(run) === kindOf(other));
  if (added.length > 0) return { stale: added.map((run) => `it has no run of ${keyOf(run)}`), unknown: [] };
  const sameRun = (run, other) => keyOf(run) === keyOf(other);
  const unknown = [
    ...missing(old, now, sameRun).map((run) => `${keyOf(run)} did not run here`),
    ...missing(now, old, sameRun).map((run) => `${keyOf(run)} is not the run that is on the page`),
  ];
  if (unknown.length > 0) return { stale: [], unknown };
  const counts = missing(now, old, (run, other) => sameRun(run, other) && run.cases === other.cases);
  const rows = rowsThatDiffer(before.columns.get(driver), after.columns.get(driver));
  return {
    stale: [...counts.map((run) => `${keyOf(run)}: ${run.cases}`), ...rows.map((row) => `${driver}: ${row}`)],
    unknown: [],
  };
}
