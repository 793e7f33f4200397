import { runCommand } from './run-command.js';
import { missingPrograms, searchPath } from './prerequisites.js';

/** A Go compiler of this machine. */
export interface GoToolchain {
  /** Program name or path. */
  readonly program: string;
  /** `1.26` as a pair of numbers. */
  readonly version: readonly [major: number, minor: number];
}

/** The `go` in PATH; undefined when there is none. */
export async function goToolchain(): Promise<GoToolchain | undefined> {
  if (missingPrograms(['go']).length > 0) return undefined;
  const { stdout } = await runCommand('go', ['env', 'GOVERSION'], { env: goEnvironment() });
  const match = /^go(\d+)\.(\d+)/.exec(stdout);
  return match ? { program: 'go', version: [Number(match[1]), Number(match[2])] } : undefined;
}

/** Whether a toolchain is this version or a later one. */
export function isAtLeast({ version: [major, minor] }: GoToolchain, wanted: GoToolchain['version']): boolean {
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
}

/** What every call of `go` gets: this machine's compiler and no other, and no C compiler. */
export function goEnvironment(settings: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: searchPath(), GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...settings };
}
