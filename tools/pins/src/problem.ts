/**
 * Everything that can be wrong, with the exit code of the command that found it. When several things are wrong, the
 * command ends with the code that stands first here.
 */
export const PROBLEMS = {
  usage: 2,
  'file-invalid': 3,
  'registry-unreachable': 4,
  altered: 11,
  missing: 10,
  blocked: 12,
  deprecated: 13,
  'core-range': 14,
  'api-version': 15,
  'conformance-failed': 16,
  'conformance-not-run': 17,
  'provenance-changed': 18,
  'not-a-package': 19,
  evidence: 20,
  'too-young': 21,
  'not-pinned': 22,
  'no-core': 23,
  'already-pinned': 24,
} as const;

/** What kind of thing is wrong. */
export type ProblemKind = keyof typeof PROBLEMS;

/** One thing that is wrong with one package, in a sentence that says what to do. */
export interface Problem {
  readonly kind: ProblemKind;
  /** `name@version`, or the file. */
  readonly subject: string;
  readonly message: string;
}

const order = Object.keys(PROBLEMS);
const rank = ({ kind }: Problem): number => order.indexOf(kind);

/** The exit code of a command that found these; 0 when there are none. */
export function exitCodeOf(problems: readonly Problem[]): number {
  const [first] = [...problems].sort((a, b) => rank(a) - rank(b));
  return first === undefined ? 0 : PROBLEMS[first.kind];
}

/** Refuses to go on. Nothing was changed. */
export class PinsError extends Error {
  readonly problems: readonly Problem[];
  readonly exitCode: number;

  constructor(problems: readonly Problem[], cause?: unknown) {
    super(problems.map(({ message }) => message).join('\n'), { cause });
    this.name = 'PinsError';
    this.problems = problems;
    this.exitCode = exitCodeOf(problems);
  }
}

/** An error about one thing. */
export const failure = (kind: ProblemKind, subject: string, message: string, cause?: unknown): PinsError =>
  new PinsError([{ kind, subject, message }], cause);
