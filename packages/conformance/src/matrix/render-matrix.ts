import { CASES } from '../cases/index.js';
import type { Report } from '../report/report.js';
import { createFootnotes, type Footnotes } from './footnotes.js';
import { showEnvironment } from '../environment.js';
import { bestOf, proofOf, TIERS, together, type Proof } from './proof.js';

/** The reports of one driver. */
interface Column {
  readonly driver: string;
  readonly reports: readonly Report[];
}

const HEAD = `# Support matrix

Written by \`virt-conformance matrix\` from reports of conformance runs; do not edit. A cell says what was proven, and where:
\`memory\` on simulated machines, \`peer\` on a real server that the tests started, \`live\` on a hypervisor in a lab.
\`partly\`: some cases are known gaps. \`no\`: the endpoint lacks it, for the reason given. \`–\`: the driver does not claim it.
\`untested\` is never a yes. \`simulated\`: proven only against what the tests made up for what a simulator lacks.
`;

const columnsOf = (reports: readonly Report[]): readonly Column[] =>
  [...new Set(reports.map(({ driver }) => driver.name))].sort().map((driver) => ({
    driver,
    reports: reports.filter((report) => report.driver.name === driver),
  }));

const caseProof = ({ reports }: Column, id: string): Proof =>
  bestOf(
    reports.map((report) =>
      proofOf(
        report.results.find((result) => result.id === id),
        report.tier,
      ),
    ),
  );

function capabilityProof(column: Column, capability: string): Proof {
  const ids = CASES.filter(({ requires }) => requires.some((one) => one === capability)).map(({ id }) => id);
  const proof = together(ids.map((id) => caseProof(column, id)));
  const [facet = '', key = ''] = capability.split('.');
  const claimed = column.reports.some(({ capabilities }) => Object.hasOwn(capabilities[facet] ?? {}, key));
  return proof.kind === 'untested' && !claimed ? { kind: 'absent' } : proof;
}

function cell(proof: Proof, notes: Footnotes): string {
  if (proof.kind === 'works') return proof.tier;
  if (proof.kind === 'partly') return `partly, ${proof.tier}${notes.mark(proof.reasons)}`;
  if (proof.kind === 'gap') return `gap${notes.mark(proof.reasons)}`;
  if (proof.kind === 'narrowed') return `no${notes.mark(proof.reasons)}`;
  return { fails: 'fails', absent: '–', untested: 'untested' }[proof.kind];
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const shortName = (driver: string): string => driver.replace('@virt-drivers/driver-', '');

/** Capability keys of one facet that any driver claims or any case requires. */
function keysOf(group: string, reports: readonly Report[]): readonly string[] {
  const claimed = reports.flatMap(({ capabilities }) =>
    Object.keys(capabilities[group] ?? {}).map((key) => `${group}.${key}`),
  );
  const required = CASES.flatMap(({ requires }) => requires.filter((one) => one.startsWith(`${group}.`)));
  return [...new Set([...claimed, ...required])].sort();
}

function groupTable(group: string, columns: readonly Column[], notes: Footnotes): readonly string[] {
  const reports = columns.flatMap((column) => column.reports);
  const ids = CASES.map(({ id }) => id).filter((id) => id.startsWith(`${group}/`));
  return [
    `## ${group}`,
    '',
    row(['', ...columns.map(({ driver }) => shortName(driver))]),
    row(['---', ...columns.map(() => '---')]),
    ...keysOf(group, reports).map((key) =>
      row([`**${key}**`, ...columns.map((column) => cell(capabilityProof(column, key), notes))]),
    ),
    ...ids.map((id) => row([`\`${id}\``, ...columns.map((column) => cell(caseProof(column, id), notes))])),
    '',
  ];
}

function sources(reports: readonly Report[]): readonly string[] {
  const rows = reports.map(({ driver, tier, environment, summary }) =>
    row([
      shortName(driver.name),
      driver.version,
      tier,
      showEnvironment(environment),
      `${summary.passed} passed, ${summary.failed} failed, ${summary.gap} known gaps, ${summary.notApplicable} do not apply`,
    ]),
  );
  return [
    row(['driver', 'version', 'tier', 'hypervisor', 'cases']),
    row(['---', '---', '---', '---', '---']),
    ...[...rows].sort(),
    '',
  ];
}

/**
 * The runs that count most first, for the first of equal proofs is told. Nothing here may change from one run to the next of
 * the same kind, which the digest does.
 */
function inOrder(reports: readonly Report[]): readonly Report[] {
  const key = ({ driver, environment, digest }: Report): string =>
    JSON.stringify([driver.name, showEnvironment(environment), digest]);
  return [...reports].sort((a, b) => TIERS.indexOf(b.tier) - TIERS.indexOf(a.tier) || (key(a) < key(b) ? -1 : 1));
}

/** The support matrix of some reports, as Markdown. The same reports in any order give the same bytes. */
export function renderMatrix(reports: readonly Report[]): string {
  const sorted = inOrder(reports);
  const columns = columnsOf(sorted);
  const notes = createFootnotes();
  const groups = [...new Set(CASES.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  const tables = groups.flatMap((group) => groupTable(group, columns, notes));
  const reasons = notes.lines();
  const end = reasons.length === 0 ? [] : ['## Reasons', '', ...reasons, ''];
  return [HEAD, ...sources(sorted), ...tables, ...end].join('\n');
}
