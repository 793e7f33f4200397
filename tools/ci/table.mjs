// What a run prints at its end.
import { targets } from './targets.mjs';

const short = (project) => project.replace(/^@virt-drivers\//, '');

function cell(row) {
  if (!row) return '';
  const parts = [`${row.passed}`];
  if (row.failed > 0) parts.push(`${row.failed} failed`);
  if (row.skipped > 0) parts.push(`${row.skipped} skipped`);
  if (row.target === 'test' || row.target === 'conformance') return parts.join(', ');
  return row.failed > 0 ? 'FAILED' : row.skipped > 0 ? 'not run' : 'ok';
}

function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

/** One line per project, one column per target. */
export function projectTable(rows) {
  const columns = targets.filter((target) => rows.some((row) => row.target === target));
  const extra = [...new Set(rows.map((row) => row.target))].filter((target) => !targets.includes(target));
  const projects = [...new Set(rows.map((row) => row.project))].sort();
  const find = (project, target) => rows.find((row) => row.project === project && row.target === target);
  const all = [...columns, ...extra];
  return align([
    ['project', ...all],
    ...projects.map((project) => [short(project), ...all.map((target) => cell(find(project, target)))]),
  ]);
}

const SHOWN = 15;
const inSeconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Where the time went, the longest first. What the cache answered took none. */
export function timeLines(rows) {
  const slow = rows
    .filter(({ milliseconds = 0 }) => milliseconds >= 1000)
    .sort((one, other) => other.milliseconds - one.milliseconds);
  return slow
    .slice(0, SHOWN)
    .map(({ project, target, milliseconds }) => `${inSeconds(milliseconds).padStart(9)}  ${short(project)}:${target}`);
}

/** What was not tested, one line per reason. */
export function skipLines(skips) {
  return [...groupBy(skips, byProjectAndReason)].map(
    ([key, group]) => `- ${key.replace('\n', `, ${group.length} of its checks: `)}`,
  );
}

const byProjectAndReason = ({ project, reason }) => `${short(project)}\n${reason}`;

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
