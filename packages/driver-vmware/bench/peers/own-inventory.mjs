// Lists all machines with the driver, again and again: own-inventory.mjs TARGET, password and authority in the environment.
import { Secret } from '@virt-drivers/core';
import { readFileSync } from 'node:fs';
import { driver } from '../../dist/index.js';

const [target] = process.argv.slice(2);
const { VSPHERE_PASSWORD: password, VSPHERE_CA: ca } = process.env;
const options = { password: new Secret(password), tls: { ca: readFileSync(ca, 'utf8') } };
const opened = await driver.open({ target, options });
const milliseconds = [];
let count = 0;
for (let round = 0; round < 8; round++) {
  const start = performance.now();
  count = 0;
  for await (const machine of opened.machines.list()) if (machine.disks && machine.nics) count++;
  // The first ones find code that is not compiled yet.
  if (round >= 3) milliseconds.push(performance.now() - start);
}
await opened.close();
process.stdout.write(JSON.stringify({ milliseconds, count, rss: process.resourceUsage().maxRSS * 1024 }));
