// Compares this package with python3-libvirt, go-libvirt and virsh, side by side on one daemon. Needs the build and root.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLibvirt } from '@virt-drivers/peers';
import { connectListAllDomains, domainDefineXml, openConnection } from '../dist/index.js';
import { flows } from './flow.mjs';
import { bundleSize, importTime, median, peers } from './measure.mjs';
import { compareUpload } from './upload.mjs';

// `npm run bench -- NAME` hands the names of what is wanted to every package.
const wanted = process.argv.slice(2);
if (wanted.length > 0 && !wanted.includes('libvirt')) process.exit(0);

// Many short rounds: how long a sleeping processor takes to wake changes within seconds, and decides most of a call.
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const UPLOAD_GIB = Number(process.env.BENCH_UPLOAD_GIB ?? 4);
const FLOW_GIB = Number(process.env.BENCH_FLOW_GIB ?? 8);
const SEQUENTIAL = 8_000;
const PARALLEL = 25_600;
const DOMAINS = 1_000;
const MIB = 1 << 20;

const rows = [];
/** A budget: `value` may be at least, or at most, `limit`; undefined when its peer is not installed. */
function budget(what, value, kind, limit, unit = '×') {
  const met =
    value === undefined ? 'not measured' : (kind === 'min' ? value >= limit : value <= limit) ? 'met' : 'MISSED';
  rows.push({
    what,
    value: value === undefined ? '-' : `${value.toFixed(2)} ${unit}`,
    budget: `${kind === 'min' ? '≥' : '≤'} ${limit} ${unit}`,
    met,
  });
}

/**
 * Runs the clients in turn, in another order each time, so that what else the machine does hits all of them. Ratios are
 * those of the rounds, each with what ran beside it; of them, and of the figures, the median.
 */
async function compare(clients, name, count, rounds = ROUNDS) {
  const results = Object.fromEntries(Object.keys(clients).map((client) => [client, []]));
  const present = Object.entries(clients).filter(([, run]) => run);
  for (let round = 0; round < rounds; round++) {
    for (const [client, run] of round % 2 ? present.toReversed() : present)
      results[client].push(await run(name, count));
  }
  const of = (client, key) => median(results[client].map((result) => result[key]));
  for (const [client] of present) {
    const [seconds, cpu] = [of(client, 'seconds'), of(client, 'cpu')];
    console.log(
      `${name.padEnd(10)} ${client.padEnd(6)} ${Math.round(count / seconds)} /s, ${((cpu / count) * 1e6).toFixed(1)} µs of processor each`,
    );
  }
  const ratio = (client, key) =>
    results[client].length > 0
      ? median(results[client].map((result, round) => results.own[round][key] / result[key]))
      : undefined;
  return { ratio, of };
}

const inverse = (value) => (value === undefined ? undefined : 1 / value);
const scratch = await mkdtemp(join(tmpdir(), 'bench-libvirt-'));
const peer = await startLibvirt();
try {
  const { own, python, go } = await peers(peer, scratch);
  const sequential = await compare({ own, python, go }, 'sequential', SEQUENTIAL);
  budget(
    'domainGetInfo one after the other, calls/s vs python3-libvirt',
    inverse(sequential.ratio('python', 'seconds')),
    'min',
    1.1,
  );
  budget(
    'domainGetInfo one after the other, calls/s vs go-libvirt',
    inverse(sequential.ratio('go', 'seconds')),
    'min',
    1.2,
  );
  budget(
    'processor time per call, one after the other, vs python3-libvirt',
    sequential.ratio('python', 'cpu'),
    'max',
    1,
  );
  const parallel = await compare({ own, python, go }, 'parallel', PARALLEL);
  budget('64 in flight, calls/s vs python3-libvirt', inverse(parallel.ratio('python', 'seconds')), 'min', 1);
  budget('64 in flight, calls/s vs go-libvirt', inverse(parallel.ratio('go', 'seconds')), 'min', 1.1);
  budget('processor time per call, 64 in flight, vs python3-libvirt', parallel.ratio('python', 'cpu'), 'max', 1);

  // The test driver's world lives as long as a connection to it.
  const holder = await openConnection(peer.testUri);
  const xml = (index) =>
    `<domain type="test"><name>bench-${index}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;
  await Promise.all(Array.from({ length: DOMAINS }, (_, index) => domainDefineXml(holder, xml(index))));
  const inventory = await compare({ own, python }, 'inventory', (await connectListAllDomains(holder)).length, 5);
  await holder.close();
  budget(
    'list + XML + info of 1,000 domains, time vs python3-libvirt',
    inventory.ratio('python', 'seconds'),
    'max',
    0.5,
  );
  budget('resident memory after it', inventory.of('own', 'rss') / MIB, 'max', 90, 'MiB');

  const upload = await compareUpload(peer, scratch, UPLOAD_GIB);
  console.log(`upload of ${UPLOAD_GIB} GiB: ${upload.seconds.toFixed(2)} s, virsh ${upload.virsh.toFixed(2)} s`);
  budget(`upload of ${UPLOAD_GIB} GiB, time vs virsh vol-upload`, upload.seconds / upload.virsh, 'max', 1.2);
  budget('growth of resident memory in it', upload.growth / MIB, 'max', 32, 'MiB');
  for (const [way, { seconds, growth }] of Object.entries(await flows(peer, FLOW_GIB))) {
    console.log(`${way} of ${FLOW_GIB} GiB: ${seconds.toFixed(2)} s`);
    budget(`growth of resident memory in a ${way} of ${FLOW_GIB} GiB`, growth / MIB, 'max', 32, 'MiB');
  }
  budget('import of the package', await importTime(), 'max', 60, 'ms');
  budget('minified program of ten calls', (await bundleSize(scratch)) / 1024, 'max', 60, 'KiB');
} finally {
  await peer.stop();
  await rm(scratch, { recursive: true, force: true });
}
console.table(rows);
process.exitCode = rows.some((row) => row.met === 'MISSED') ? 1 : 0;
