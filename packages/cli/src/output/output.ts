import { printable } from './human.js';
import { plain } from './plain.js';
import type { Terminal } from '../terminal.js';

/** A cell of a table. */
export type Cell = string | number | boolean | undefined;

/** How commands speak: data on standard output, everything said to people on standard error. */
export interface Output {
  readonly format: 'table' | 'json';
  /** Rows for people, or the data itself as JSON. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[], data: unknown): Promise<void>;
  /** Names and values of one thing, or the data itself as JSON. */
  detail(rows: readonly (readonly [string, Cell])[], data: unknown): Promise<void>;
  /** One line about what was done; in JSON the data instead. */
  done(sentence: string, data?: unknown): void;
  /** Something for people that is not the result. */
  note(sentence: string): void;
}

const cell = (value: Cell): string => (value === undefined ? '' : printable(String(value)));

async function drawTable(head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<string> {
  // Loaded here because JSON output and most commands need no table.
  const { default: Table } = await import('cli-table3');
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const bare = { ...none, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const table = new Table({ ...(head.length > 0 ? { head: [...head] } : {}), chars: bare, style });
  table.push(...rows.map((row) => row.map(cell)));
  return table
    .toString()
    .split('\n')
    .map((row) => row.trimEnd())
    .join('\n');
}

/** Output onto a terminal in one of the two formats. */
export function createOutput(terminal: Terminal, format: 'table' | 'json'): Output {
  const print = (text: string): void => void terminal.stdout.write(`${text}\n`);
  const json = (data: unknown): void => print(JSON.stringify(plain(data), null, 2));
  const note = (sentence: string): void => void terminal.stderr.write(`${sentence}\n`);
  return {
    format,
    note,
    async table(head, rows, data) {
      if (format === 'json') return json(data);
      if (rows.length === 0) return note('Nothing to list.');
      print(await drawTable(head, rows));
    },
    async detail(rows, data) {
      if (format === 'json') return json(data);
      print(
        await drawTable(
          [],
          rows.filter(([, value]) => value !== undefined && value !== ''),
        ),
      );
    },
    done(sentence, data) {
      if (format === 'json') json(data ?? { ok: true });
      else print(printable(sentence));
    },
  };
}
