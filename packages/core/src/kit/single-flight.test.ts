import { createSingleFlight } from './single-flight.js';

test('callers at the same time share the work; later ones start anew', async () => {
  const flights = createSingleFlight<string, number>();
  let started = 0;
  const work = async (): Promise<number> => ++started;
  await expect(
    Promise.all([flights.run('a', {}, work), flights.run('a', {}, work), flights.run('b', {}, work)]),
  ).resolves.toEqual([1, 1, 2]);
  await expect(flights.run('a', {}, work)).resolves.toBe(3);
});

test('all get the same error, and it is not kept', async () => {
  const flights = createSingleFlight<string, number>();
  const fail = (): Promise<number> => Promise.reject(new Error('no'));
  const both = await Promise.allSettled([flights.run('a', {}, fail), flights.run('a', {}, fail)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(flights.run('a', {}, async () => 1)).resolves.toBe(1);
});

test('one who gives up does not disturb the others; when all have, the work is aborted', async () => {
  const flights = createSingleFlight<string, number>();
  const [one, two] = [new AbortController(), new AbortController()];
  let seen: AbortSignal | undefined;
  const work = (signal: AbortSignal): Promise<number> => {
    seen = signal;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const first = flights.run('a', { signal: one.signal }, work);
  const second = flights.run('a', { signal: two.signal }, work);
  one.abort();
  await expect(first).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  expect(seen?.aborted).toBe(false);
  two.abort();
  await expect(second).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  expect(seen?.aborted).toBe(true);
  await expect(flights.run('a', {}, async () => 5)).resolves.toBe(5);
});

test('work that everybody left is not joined again, even if it does not stop', async () => {
  const flights = createSingleFlight<string, number>();
  const controller = new AbortController();
  const stubborn = flights.run('a', { signal: controller.signal }, () => new Promise(() => undefined));
  controller.abort();
  await expect(stubborn).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  await expect(flights.run('a', {}, async () => 5)).resolves.toBe(5);
});
