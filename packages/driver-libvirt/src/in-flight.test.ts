import { expect, it } from '@jest/globals';
import { createInFlight } from './in-flight.js';

it('lets so many run at a time, in order, and gives the place of one who leaves to the next', async () => {
  const places = createInFlight(1);
  const log: string[] = [];
  let finish = (): void => undefined;
  const first = places.run({}, () => new Promise<void>((resolve) => (finish = resolve)));
  const leaving = new AbortController();
  const second = places.run({ signal: leaving.signal }, async () => void log.push('second'));
  const third = places.run({}, async () => void log.push('third'));
  leaving.abort();
  await expect(second).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  expect(log).toEqual([]);
  finish();
  await Promise.all([first, third]);
  expect(log).toEqual(['third']);
});
