import { createSharedLoop, type SharedLoop } from './shared-loop.js';

/** A loop whose runs are listed; each goes on until it is aborted or told to fail. */
function make(): { loop: SharedLoop; runs: { signal: AbortSignal; fail(error: Error): void; end(): void }[] } {
  const runs: ReturnType<typeof make>['runs'] = [];
  const loop = createSharedLoop((signal) => new Promise((end, fail) => runs.push({ signal, fail, end })));
  return { loop, runs };
}

test('starts with the first member and is aborted when the last one leaves', () => {
  const { loop, runs } = make();
  expect(runs).toHaveLength(0);
  const [one, two] = [loop.join(), loop.join()];
  expect(runs).toHaveLength(1);
  one.leave();
  one.leave();
  expect(runs[0]?.signal.aborted).toBe(false);
  two.leave();
  expect(runs[0]?.signal.aborted).toBe(true);
  loop.join();
  expect(runs).toHaveLength(2);
});

test('a failure reaches its members; who joins after it starts anew', async () => {
  const { loop, runs } = make();
  const old = loop.join();
  runs[0]?.fail(new Error('lost'));
  await expect(old.failed).rejects.toThrow('lost');
  loop.join();
  expect(runs).toHaveLength(2);
  old.leave();
  expect(runs[1]?.signal.aborted).toBe(false);
});

test('who joins after the end starts anew', async () => {
  const { loop, runs } = make();
  loop.join();
  runs[0]?.end();
  await new Promise(setImmediate);
  loop.join();
  expect(runs).toHaveLength(2);
});

test('a failure after everybody left bothers nobody', async () => {
  const { loop, runs } = make();
  loop.join().leave();
  runs[0]?.fail(new Error('aborted'));
  await new Promise(setImmediate);
});
