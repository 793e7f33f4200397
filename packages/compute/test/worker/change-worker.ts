import { driver as memory } from '@virt-drivers/driver-memory';
import { createCompute, openImageCache } from '../../src/index.js';
import { CHANGE_CASES, dataVolume, filling, INSTANCE } from '../changes/change-cases.js';
import { MOVE_CASES } from '../changes/move-cases.js';

/**
 * One process of the tests that kill: makes the change or the move of the name given, in the worlds given, and stops for
 * good when the fatal step is done; says every step that is done, and `ended` when it gets to the end.
 */
const [home = '', away = '', cache = '', name = '', fatal = ''] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const onStep = async ({ step, phase }: { step: string; phase: string }): Promise<void> => {
  if (phase !== 'done') return;
  say(step);
  if (step === fatal) await new Promise((resolve) => setTimeout(resolve, 600_000));
};
const options = { onStep, stopWithin: { milliseconds: 200 } };
const driver = filling(await memory.open({ target: home }));
const compute = createCompute(driver, { gate: { cache: await openImageCache(cache) } });
const move = MOVE_CASES.find((one) => one.name === name);
if (move) {
  const destination = move.within ? driver : filling(await memory.open({ target: away }));
  await compute[move.flow](INSTANCE, destination, move.wish, options);
} else {
  const one = CHANGE_CASES.find((each) => each.name === name);
  if (!one) throw new Error(`There is no change "${name}".`);
  await one.change(compute, await dataVolume(driver), options);
}
say('ended');
process.exit(0);
