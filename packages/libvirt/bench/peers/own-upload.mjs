// own-upload.mjs URI FILE VOLUME: uploads a file into a volume of the pool `default`; prints seconds and growth of memory in bytes.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openConnection, storagePoolLookupByName, storageVolLookupByName, storageVolUpload } from '../../dist/index.js';

const [uri, file, name] = process.argv.slice(2);
const connection = await openConnection(uri);
const pool = await storagePoolLookupByName(connection, 'default');
const volume = await storageVolLookupByName(connection, pool, name);
const before = process.resourceUsage().maxRSS;
const start = performance.now();
await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), await storageVolUpload(connection, volume, 0n, 0n));
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, growth: (process.resourceUsage().maxRSS - before) * 1024 }));
await connection.close();
