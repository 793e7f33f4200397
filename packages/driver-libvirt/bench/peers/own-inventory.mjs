// own-inventory.mjs URI WARM COUNT: lists all machines again and again; prints seconds of each listing and memory in bytes.
import { driver } from '../../dist/index.js';

const [uri, warm, count] = process.argv.slice(2);
const open = await driver.open({ target: uri });
const listing = () => open.machines.list().all();
for (let round = 0; round < Number(warm); round++) await listing();
const seconds = [];
let machines = [];
const cpu = process.cpuUsage();
for (let round = 0; round < Number(count); round++) {
  const begin = performance.now();
  machines = await listing();
  seconds.push((performance.now() - begin) / 1000);
}
const { user, system } = process.cpuUsage(cpu);
const complete = machines.filter(
  ({ disks, nics, state }) => disks.length === 1 && nics.length === 1 && state === 'stopped',
);
await open.close();
const rss = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 / Number(count), rss, machines: complete.length }));
