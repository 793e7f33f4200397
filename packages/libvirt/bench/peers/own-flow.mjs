// own-flow.mjs URI VOLUME GIB upload|download [sparse]: moves a volume of the pool `default`; prints seconds, bytes and growth of memory in bytes.
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openConnection, storagePoolLookupByName, storageVolLookupByName } from '../../dist/index.js';
import { storageVolDownload, storageVolUpload } from '../../dist/index.js';

const SPARSE = 1;
const MIB = 1 << 20;
const [uri, name, gib, way, sparse] = process.argv.slice(2);
const flags = sparse === 'sparse' ? SPARSE : 0;
const connection = await openConnection(uri);
const pool = await storagePoolLookupByName(connection, 'default');
const volume = await storageVolLookupByName(connection, pool, name);
let bytes = 0;

/** One MiB of data at the start of each GiB, zeros behind it. */
function* content() {
  const [data, zeros] = [Buffer.alloc(MIB, 'data '), Buffer.alloc(MIB)];
  for (let mib = 0; mib < Number(gib) * 1024; mib++) yield mib % 1024 === 0 ? data : zeros;
}

const sink = new Writable({ write: (chunk, _, done) => ((bytes += chunk.length), done()) });
async function* counted(source) {
  for await (const chunk of source) {
    bytes += chunk.length;
    yield chunk;
  }
}

const before = process.resourceUsage().maxRSS;
const start = performance.now();
if (way === 'upload')
  await pipeline(Readable.from(content()), counted, await storageVolUpload(connection, volume, 0n, 0n, flags));
else await pipeline(await storageVolDownload(connection, volume, 0n, 0n, flags), sink);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, bytes, growth: (process.resourceUsage().maxRSS - before) * 1024 }));
await connection.close();
