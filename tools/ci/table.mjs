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
