import { expect, test } from '@jest/globals';
import { readAhead, type ReadPart } from './read-ahead.js';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Parts of two values each; the earlier, the slower. */
function parts(count: number) {
  const told: string[] = [];
  let under = 0;
  let most = 0;
  const all = Array.from(
    { length: count },
    (_, number): ReadPart<string> =>
      async function* (lane, signal) {
        most = Math.max(most, ++under);
        told.push(`${number} in ${lane}`);
        try {
          await pause((count - number) * 5);
          if (signal.aborted) told.push(`${number} cancelled`);
          signal.throwIfAborted();
          yield `${number}a`;
          yield `${number}b`;
        } finally {
          under--;
        }
      },
  );
  return { all, told, state: () => ({ under, most }) };
}

test('parts come in their order, two of them are under way, each in a lane of its own', async () => {
  const { all, told, state } = parts(4);
  const seen: string[] = [];
  for await (const one of readAhead(all, 2, undefined)) seen.push(one);
  expect(seen).toEqual(['0a', '0b', '1a', '1b', '2a', '2b', '3a', '3b']);
  expect(told).toEqual(['0 in 0', '1 in 1', '2 in 0', '3 in 1']);
  expect(state()).toEqual({ under: 0, most: 2 });
});

test('who leaves the loop ends what was begun; what was not begun never is', async () => {
  const { all, told, state } = parts(6);
  for await (const one of readAhead(all, 3, undefined)) if (one === '0a') break;
  expect(told.filter((line) => line.includes('in'))).toEqual(['0 in 0', '1 in 1', '2 in 2']);
  expect(state().under).toBe(0);
});

test('the error of a part comes at its turn, and ends the others', async () => {
  const { all, state } = parts(4);
  const broken: ReadPart<string> = async function* () {
    yield 'x';
    throw new Error('cut');
  };
  const seen: string[] = [];
  const reading = async () => {
    for await (const one of readAhead([...all.slice(0, 1), broken, ...all.slice(2)], 2, undefined)) seen.push(one);
  };
  await expect(reading()).rejects.toThrow('cut');
  expect(seen).toEqual(['0a', '0b', 'x']);
  expect(state().under).toBe(0);
});

test("the caller's signal reaches every part", async () => {
  const { all, told } = parts(2);
  const stop = new AbortController();
  const reading = readAhead(all, 2, stop.signal).next();
  stop.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  expect(told).toContain('1 cancelled');
});

test('nothing to read is nothing', async () => {
  expect(await readAhead([], 2, undefined).next()).toEqual({ done: true, value: undefined });
});
