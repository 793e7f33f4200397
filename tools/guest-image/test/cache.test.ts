import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentKey, withFileLock } from '@virt-drivers/peers';
import { guestImage } from '../src/index.js';
import { readManifest, writeManifest } from '../src/manifest.js';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'guest-image-'))));
afterEach(() => rm(directory, { recursive: true }));

describe('the key of the image', () => {
  it('changes with a content, a name, an executable bit and a fact, and with nothing else', async () => {
    const file = join(directory, 'build/a');
    const key = (fact = 'bookworm') => contentKey(directory, ['build'], [fact]);
    await mkdir(join(directory, 'build'));
    await writeFile(file, 'one', { mode: 0o644 });
    const keys = [await key(), await key('trixie')];
    expect(await key()).toBe(keys[0]);
    await chmod(file, 0o755);
    keys.push(await key());
    await writeFile(file, 'two');
    keys.push(await key());
    await writeFile(join(directory, 'build/b'), '');
    keys.push(await key());
    expect(new Set(keys).size).toBe(keys.length);
    await rm(join(directory, 'build/b'));
    expect(await key()).toBe(keys[3]);
  });
});

describe('the lock of the cache', () => {
  it('lets one in at a time, also after a failure', async () => {
    const file = join(directory, 'lock');
    const events: string[] = [];
    const work = (name: string, fail = false) =>
      withFileLock(file, async () => {
        events.push(`${name} in`);
        // Long enough for the others to come in, if they could.
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push(`${name} out`);
        if (fail) throw new Error('failed inside');
        return name;
      });
    const results = await Promise.allSettled([work('a', true), work('b'), work('c')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(events).toHaveLength(6);
    for (let index = 0; index < 6; index += 2) {
      expect(events[index + 1]).toBe(events[index]?.replace('in', 'out'));
    }
  });

  it('fails when the file cannot be made', async () => {
    await expect(withFileLock(join(directory, 'no/lock'), async () => 1)).rejects.toThrow('flock');
  });
});

describe('the manifest', () => {
  it('names the files absolutely, with their checksums, and is absent until a build is complete', async () => {
    expect(await readManifest(directory)).toBeUndefined();
    for (const name of ['guest.qcow2', 'guest.raw', 'vmlinuz', 'initrd.img', 'cmdline']) {
      await writeFile(join(directory, name), 'abc\n');
    }
    await writeManifest(directory);
    const abc = 'edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb';
    expect(await readManifest(directory)).toEqual({
      qcow2: join(directory, 'guest.qcow2'),
      raw: join(directory, 'guest.raw'),
      kernel: join(directory, 'vmlinuz'),
      initrd: join(directory, 'initrd.img'),
      cmdline: 'abc',
      sha256: { qcow2: abc, raw: abc, kernel: abc, initrd: abc },
    });
  });
});

describe('an image that cannot be built', () => {
  const { PATH, VIRT_DRIVERS_CACHE } = process.env;
  afterEach(() => {
    process.env.PATH = PATH;
    if (VIRT_DRIVERS_CACHE === undefined) delete process.env.VIRT_DRIVERS_CACHE;
    else process.env.VIRT_DRIVERS_CACHE = VIRT_DRIVERS_CACHE;
  });

  it('says what is missing', async () => {
    process.env.PATH = '/nonexistent';
    process.env.VIRT_DRIVERS_CACHE = directory;
    await expect(guestImage()).rejects.toThrow(/^The guest image is unavailable: .*mcopy.* not found in PATH/);
  });
});
