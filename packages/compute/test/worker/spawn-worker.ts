import { driver as memory } from '@virt-drivers/driver-memory';
import { createCompute, openImageCache } from '../../src/index.js';
import { fullSpec } from '../memory-endpoint.js';

/**
 * One process of the tests that kill: spawns or destroys the instance in the world given and stops for good when a step
 * begins, saying so; says `done` when it gets to the end.
 */
const [target = '', cache = '', instanceId = '', flow = '', fatal = ''] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const onStep = async ({ step, phase }: { step: string; phase: string }): Promise<void> => {
  if (phase === 'starting') say(step);
  if (phase === 'starting' && step === fatal) await new Promise((resolve) => setTimeout(resolve, 600_000));
};
const driver = await memory.open({ target });
const compute = createCompute(driver, { gate: { cache: await openImageCache(cache) } });
if (flow === 'spawn') await compute.spawn(fullSpec({ instanceId }), { onStep });
else await compute.destroy(instanceId, { onStep });
await driver.close();
say('done');
