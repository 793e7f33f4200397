import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeBlankImage } from '../blank-image.mjs';

const run = promisify(execFile);

it("the README's program runs as it stands, on the embedded driver", async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, program = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  // Beside this package, so that imports lead where they would for a user.
  const directory = await mkdtemp(fileURLToPath(new URL('../readme-', import.meta.url)));
  try {
    const { path } = await writeBlankImage(join(directory, 'image.raw'));
    const here = program
      .replace("loadDriver('libvirt')", "loadDriver('memory')")
      .replace('qemu:///system', 'memory://')
      .replace('/var/cache/images', join(directory, 'cache'))
      .replace('debian-12.qcow2', path)
      .replace("format: 'qcow2'", "format: 'raw'");
    await writeFile(join(directory, 'program.mjs'), here);
    const { stdout } = await run(process.execPath, [join(directory, 'program.mjs')], { cwd: directory });
    expect(stdout).toMatch(/^\S+ running has snapshots\n$/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
