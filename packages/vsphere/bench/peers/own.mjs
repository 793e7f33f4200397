// Lists all machines again and again: own.mjs URL ROUNDS, password and authority in the environment.
import { readFileSync } from 'node:fs';
import { connect } from '../../dist/index.js';

const [url, rounds] = process.argv.slice(2);
const { VSPHERE_USER: username, VSPHERE_PASSWORD: password, VSPHERE_CA: ca, VSPHERE_PAGE: page } = process.env;
const paths = JSON.parse(readFileSync(new URL('paths.json', import.meta.url), 'utf8'));
const vsphere = await connect({ url, credentials: { username, password }, tls: { ca: readFileSync(ca, 'utf8') } });
const milliseconds = [];
let count = 0;
for (let round = 0; round < Number(rounds); round++) {
  const start = performance.now();
  count = 0;
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths };
  const pages = page === undefined ? {} : { pageSize: Number(page) };
  for await (const { properties } of vsphere.properties.retrieve({ ...request, ...pages }))
    if (properties.name) count++;
  milliseconds.push(performance.now() - start);
}
await vsphere.close();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cpu = (userCPUTime + systemCPUTime) / 1e6;
process.stdout.write(JSON.stringify({ milliseconds, count, cpu, rss: maxRSS * 1024 }));
