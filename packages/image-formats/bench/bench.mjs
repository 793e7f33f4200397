// Throughput of the readers and the writer beside `qemu-img convert` on the same files. Information, not a budget.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bytesOfHandle, openSparseVmdk, readStreamOptimised, writeStreamOptimised } from '../dist/index.js';

const MEBIBYTES = Number(process.argv.find((arg) => arg.startsWith('--mebibytes='))?.slice(12) ?? 512);
const directory = mkdtempSync(join(tmpdir(), 'image-formats-bench-'));
const at = (name) => join(directory, name);
const qemu = (...args) => execFileSync('qemu-img', ['convert', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });

/** A quarter random, half that compresses, a quarter of holes. */
async function makeDisk() {
  const handle = await open(at('raw'), 'w');
  const text = Buffer.alloc(1_048_576, 'some text that compresses well; ');
  const noise = Buffer.from(Array.from({ length: 1_048_576 }, (_, index) => (index * 2_654_435_761) >>> 13));
  for (let index = 0; index < MEBIBYTES; index += 1) {
    const content = [noise, text, text, undefined][index % 4];
    if (content) await handle.write(content, 0, content.length, index * 1_048_576);
  }
  await handle.truncate(MEBIBYTES * 1_048_576);
  await handle.close();
}

async function fromFile(name) {
  const handle = await open(at(name), 'r');
  try {
    const disk = await openSparseVmdk(await bytesOfHandle(handle));
    await pipeline(Readable.from(disk.raw()), createWriteStream(at('out')));
  } finally {
    await handle.close();
  }
}

async function measure(what, run) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (MEBIBYTES / seconds).toFixed(0).padStart(6);
  const peak = (process.resourceUsage().maxRSS / 1_024).toFixed(0);
  console.log(`${what.padEnd(46)} ${rate} MiB/s  cpu ${((user + system) / 1e6).toFixed(2)} s  peak ${peak} MiB`);
}

try {
  await makeDisk();
  qemu('-f', 'raw', '-O', 'vmdk', at('raw'), at('sparse'));
  qemu('-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', at('raw'), at('stream'));
  console.log(`A disk of ${MEBIBYTES} MiB, a quarter of it holes.`);
  await measure('monolithicSparse to raw, qemu-img', () => qemu('-f', 'vmdk', '-O', 'raw', at('sparse'), at('out')));
  await measure('monolithicSparse to raw, this package', () => fromFile('sparse'));
  await measure('streamOptimized to raw, qemu-img', () => qemu('-f', 'vmdk', '-O', 'raw', at('stream'), at('out')));
  await measure('streamOptimized to raw, this package', () => fromFile('stream'));
  await measure('streamOptimized to raw as a stream', () =>
    pipeline(Readable.from(readStreamOptimised(createReadStream(at('stream')))), createWriteStream(at('out'))),
  );
  await measure('raw to streamOptimized, qemu-img', () =>
    qemu('-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', at('raw'), at('out.vmdk')),
  );
  await measure('raw to streamOptimized, this package', () =>
    pipeline(
      Readable.from(
        writeStreamOptimised(createReadStream(at('raw'), { highWaterMark: 1_048_576 }), {
          sizeBytes: BigInt(MEBIBYTES) * 1_048_576n,
        }),
      ),
      createWriteStream(at('out.vmdk')),
    ),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
