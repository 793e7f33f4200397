import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

export interface BuildOptions {
  /** Root of this package, where build/ and rootfs/ are. */
  readonly root: string;
  readonly output: string;
  /** Where downloaded packages are kept for the next build. */
  readonly packages: string;
  /** Gets every line that the build prints. */
  readonly log: (line: string) => void;
}

/** Runs build/build.sh; its last lines are in the error when it fails. */
export async function buildImage({ root, output, packages, log }: BuildOptions): Promise<void> {
  const last: string[] = [];
  const child = spawn('bash', [join(root, 'build/build.sh'), output], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PACKAGE_CACHE: packages },
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      log(line);
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`The guest image build ended with ${code ?? signal}:\n${last.join('\n')}`);
}
