// flow-worker.mjs HOME AWAY CACHE INSTANCE NAME FATAL: makes the change or the move of that name, says every step that is
// done, and stops for good after the fatal one, to be killed there; says `ended` when it gets to the end.
import { createCompute, openImageCache } from '@virt-drivers/compute';
import { driver as libvirt } from '@virt-drivers/driver-libvirt';
import { CHANGE_CASES, dataVolume, MOVE_CASES, STOP } from './change-cases.mjs';
import { filling } from './still-instance.mjs';

const [home, away, cache, instanceId, name, fatal] = process.argv.slice(2);
const say = (word) => process.stdout.write(`${word}\n`);
const onStep = async ({ step, phase }) => {
  if (phase !== 'done') return;
  say(step);
  if (step === fatal) await new Promise((resolve) => setTimeout(resolve, 600_000));
};
const options = { ...STOP, onStep };
const openAt = async (target) => filling(await libvirt.open({ target, options: { migrationAddress: '127.0.0.1' } }));

const driver = await openAt(home);
const compute = createCompute(driver, { gate: { cache: await openImageCache(cache) } });
const move = MOVE_CASES.find((one) => one.name === name);
if (move) await compute[move.flow](instanceId, await openAt(away), {}, options);
else {
  const { change } = CHANGE_CASES.find((one) => one.name === name);
  await change(compute, instanceId, await dataVolume(driver), options);
}
say('ended');
process.exit(0);
