import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '@virt-drivers/driver-memory';
import { readDriverOptions } from '../src/cli/driver-options.js';
import { EXIT } from '../src/cli/fail.js';
import { createProgram } from '../src/cli/program.js';
import { runCommand, type RunFlags } from '../src/cli/run-command.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conformance-'));
});
afterEach(() => rm(directory, { recursive: true }));

const flags: RunFlags = { driver: 'memory', target: 'memory://', option: [], tier: 'memory', only: ['hosts/'] };

async function run(
  more: Partial<RunFlags> = {},
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const code = await runCommand(
    { ...flags, ...more },
    (line) => lines.push(line),
    async () => driver,
  );
  return { code, lines };
}

async function fileWith(name: string, value: unknown): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

describe('virt-conformance', () => {
  it('prints a line per case and a summary, and ends with 0', async () => {
    const { code, lines } = await run();
    expect(code).toBe(EXIT.good);
    expect(lines[0]).toMatch(/^pass {2}hosts\/list-is-not-empty {2}\d+ ms$/);
    expect(lines.at(-1)).toMatch(/^@virt-drivers\/driver-memory .* passed, 0 failed, 0 known gaps, 0 do not apply/);
  });

  it('ends with 1 when a known gap passes or is over', async () => {
    const gap = { id: 'hosts/list-is-not-empty', reason: 'Nobody knows why.', until: '2999-01-01' };
    expect((await run({ knownGaps: await fileWith('passes.json', [gap]) })).code).toBe(EXIT.failed);
    const { code, lines } = await run({
      knownGaps: await fileWith('over.json', [{ ...gap, id: 'machines/rename', until: '2001-01-01' }]),
    });
    expect([code, lines.at(-1)]).toEqual([EXIT.failed, expect.stringContaining('excused until 2001-01-01')]);
  });

  it('attaches the volumes that a file names', async () => {
    const exported = (exportName: string) => ({
      protocol: 'nbd',
      server: { host: '192.0.2.7', port: 10_809 },
      exportName,
    });
    const only = ['remoteVolumes/attach-and-detach'];
    const remotes = await fileWith('remotes.json', [exported('one'), exported('two')]);
    expect((await run({ remotes, only })).code).toBe(EXIT.good);
    const broken = await fileWith('broken.json', [exported('one'), { ...exported('two'), server: 'nowhere' }]);
    expect((await run({ remotes: broken, only: ['remoteVolumes/swap', ...only] })).code).toBe(EXIT.failed);
    const one = await fileWith('one.json', [exported('one')]);
    await expect(run({ remotes: one })).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringContaining('two connections'),
    });
  });

  it('ends with 2 for wrong use and with 3 when the endpoint is not there', async () => {
    await expect(run({ option: ['nonsense'] })).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(run({ knownGaps: join(directory, 'missing.json') })).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(run({ target: 'elsewhere://x' })).rejects.toMatchObject({ exitCode: EXIT.unavailable });
    await expect(runCommand({ ...flags, driver: '@example/not-there' }, () => undefined)).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
    });
  });

  it('writes a report, and the matrix of it', async () => {
    const [report, output] = [join(directory, 'deep', 'report.json'), join(directory, 'matrix.md')];
    await run({ report });
    const codes: number[] = [];
    const matrix = (...more: string[]) =>
      createProgram(
        () => undefined,
        (code) => codes.push(code),
      ).parseAsync(['matrix', report, '--output', output, ...more], { from: 'user' });
    await matrix();
    expect(await readFile(output, 'utf8')).toContain('| `hosts/list-is-not-empty` | memory |');
    await matrix('--check');
    await writeFile(output, 'something else');
    await matrix('--check');
    expect(codes).toEqual([EXIT.good, EXIT.good, EXIT.failed]);
  });

  it('takes options from a file and from the command line, secrets only from the file', async () => {
    const file = await fileWith('options.json', { password: { $secret: 'hidden' }, retries: 3 });
    const options = await readDriverOptions(file, ['name=a=b']);
    expect(options).toMatchObject({ retries: 3, name: 'a=b' });
    expect(JSON.stringify(options)).not.toContain('hidden');
  });
});
