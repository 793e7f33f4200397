import { readFile, writeFile } from 'node:fs/promises';
import { renderMatrix } from '../matrix/render-matrix.js';
import { parseReport } from '../report/report.js';
import { describeError } from '../run-case.js';
import { CommandFailure, EXIT } from './fail.js';

/** The command line of the matrix, as parsed. */
export interface MatrixFlags {
  readonly output?: string;
  readonly check?: boolean;
}

async function render(files: readonly string[]): Promise<string> {
  try {
    const reports = await Promise.all(
      files.map(async (file) => parseReport(JSON.parse(await readFile(file, 'utf8')), file)),
    );
    return renderMatrix(reports);
  } catch (error) {
    throw new CommandFailure(EXIT.usage, describeError(error), error);
  }
}

/** Writes the support matrix of some reports, or checks that it is what a file holds. Returns the exit code. */
export async function matrixCommand(
  files: readonly string[],
  flags: MatrixFlags,
  print: (line: string) => void,
): Promise<number> {
  const text = await render(files);
  if (flags.output === undefined) {
    print(text.trimEnd());
    return EXIT.good;
  }
  if (!flags.check) {
    await writeFile(flags.output, text);
    return EXIT.good;
  }
  const present = await readFile(flags.output, 'utf8').catch(() => '');
  if (present === text) return EXIT.good;
  print(`${flags.output} is not what these reports say; write it again without --check.`);
  return EXIT.failed;
}
