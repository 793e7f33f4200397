// own.mjs COMPUTE URI IMAGE CACHE COUNT PARALLEL: the same flows as in nova_driver.py, by this driver under the instance flows.
const [compute, uri, image, cache, count, parallel] = process.argv.slice(2);
// The driver knows nothing of the flows above it; where they are built is an argument.
const { createCompute, imageFile, newInstanceId, openImageCache } = await import(compute);
const { driver } = await import('../../dist/index.js');
const { gibibytes, mebibytes } = await import('@virt-drivers/core');

const open = await driver.open({ target: uri, options: { virtType: 'qemu' } });
const flows = createCompute(open, { gate: { cache: await openImageCache(cache) } });
for await (const instance of flows.list()) throw new Error(`Instance ${instance.instanceId} is there already.`);
// Both since the process began.
const answered = performance.now() / 1000;
const cpuAtStart = process.cpuUsage();
const rssAtStart = process.memoryUsage.rss();

const spec = () => ({
  instanceId: newInstanceId(),
  name: 'bench',
  cpu: { count: 1 },
  memory: { sizeBytes: mebibytes(128) },
  image: { input: imageFile(image), declaration: { format: 'qcow2' } },
  root: { sizeBytes: gibibytes(1) },
});
async function timed(run) {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}
async function each(items, run) {
  const seconds = [];
  for (const item of items) seconds.push(await timed(() => run(item)));
  return seconds;
}
const specs = (number) => Array.from({ length: Number(number) }, spec);
const destroy = ({ instanceId }) => flows.destroy(instanceId);

// The first one brings the image into the pool.
const first = spec();
await flows.spawn(first);
await destroy(first);
const oneByOne = specs(count);
const spawns = await each(oneByOne, (one) => flows.spawn(one));
const destroys = await each(oneByOne, destroy);
const together = specs(parallel);
const atOnce = await timed(() => Promise.all(together.map((one) => flows.spawn(one))));
await each(together, destroy);
await open.close();
const rss = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({
    answered,
    answeredCpu: (cpuAtStart.user + cpuAtStart.system) / 1e6,
    rssAtStart,
    rss,
    spawns,
    destroys,
    atOnce,
  }),
);
