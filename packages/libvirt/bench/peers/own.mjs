// This package's side of the comparison: own.mjs URI CASE COUNT prints one JSON object.
import { connectListAllDomains, domainGetInfo, domainGetXmlDesc, openConnection } from '../../dist/index.js';

async function sequential(connection, domain, count) {
  for (let call = 0; call < count; call++) await domainGetInfo(connection, domain);
}

const CASES = {
  sequential,
  parallel: (connection, domain, count) =>
    Promise.all(Array.from({ length: 64 }, () => sequential(connection, domain, count / 64))),
  inventory: async (connection) => {
    const domains = (await connectListAllDomains(connection)).values();
    const read = async () => {
      for (const domain of domains)
        await Promise.all([domainGetXmlDesc(connection, domain), domainGetInfo(connection, domain)]);
    };
    // As many at a time as keep the daemon busy: more would only wait here.
    await Promise.all(Array.from({ length: 32 }, read));
  },
};

const [uri, name, count] = process.argv.slice(2);
const connection = await openConnection(uri);
const [domain] = await connectListAllDomains(connection);
// A program that manages hosts does this again and again: what is measured is not its first time.
if (name === 'inventory') for (let round = 0; round < 4; round++) await CASES.inventory(connection);
else await sequential(connection, domain, 4000);
const runs = name === 'inventory' ? 4 : 1;
const cpu = process.cpuUsage();
const start = performance.now();
for (let run = 0; run < runs; run++) await CASES[name](connection, domain, Number(count));
const seconds = (performance.now() - start) / 1000 / runs;
const { user, system } = process.cpuUsage(cpu);
const rss = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 / runs, rss }));
await connection.close();
