// own-image.mjs URI FILE POOL: brings a file of raw bytes into a volume, then turns that into qcow2; prints seconds of
// both, and what memory grew by in the first.
import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { bytes, poolId } from '@virt-drivers/core';
import { driver } from '../../dist/index.js';
import { settle } from '../programs.mjs';

const [uri, file, name] = process.argv.slice(2);
const pool = poolId(name);
const open = await driver.open({ target: uri });
const { size } = await stat(file);
const hash = createHash('sha256');
await pipeline(createReadStream(file), hash);
const content = {
  format: 'raw',
  sizeBytes: bytes(size),
  virtualSizeBytes: bytes(size),
  checksum: { algorithm: 'sha256', hex: hash.digest('hex') },
  open: () => createReadStream(file, { highWaterMark: 1 << 20 }),
};
async function timed(start) {
  settle();
  const begin = performance.now();
  const volume = await (await start()).result();
  return [volume, (performance.now() - begin) / 1000];
}
const before = process.resourceUsage().maxRSS;
const [raw, filling] = await timed(() =>
  open.volumes.createFromContent({ pool, name: 'filled', content, format: 'raw' }),
);
const growth = (process.resourceUsage().maxRSS - before) * 1024;
const copy = { pool, name: 'converted', source: raw.id, mode: 'full', format: 'qcow2' };
const [converted, converting] = await timed(() => open.volumes.createFromVolume(copy));
await open.volumes.delete(converted.id);
await open.volumes.delete(raw.id);
await open.close();
console.log(JSON.stringify({ filling, converting, growth }));
