// Uploads a file: own-upload.mjs URL FILE NAME; tells seconds and how much memory the upload took.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { connect } from '../../dist/index.js';

const [url, file, path] = process.argv.slice(2);
const { VSPHERE_USER: username, VSPHERE_PASSWORD: password, VSPHERE_CA: ca } = process.env;
const vsphere = await connect({ url, credentials: { username, password }, tls: { ca: readFileSync(ca, 'utf8') } });
const { size } = statSync(file);
const before = process.resourceUsage().maxRSS * 1024;
const start = performance.now();
const source = createReadStream(file, { highWaterMark: 1 << 20 });
await vsphere.files.upload({ datacenter: 'DC0', datastore: 'LocalDS_0', path }, source, { size });
const seconds = (performance.now() - start) / 1000;
const growth = process.resourceUsage().maxRSS * 1024 - before;
const head = await vsphere.files.head({ datacenter: 'DC0', datastore: 'LocalDS_0', path });
await vsphere.close();
if (head?.size !== size) throw new Error(`${head?.size} of ${size} bytes arrived.`);
process.stdout.write(JSON.stringify({ seconds, growth }));
