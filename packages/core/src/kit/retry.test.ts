import { DriverError } from '../errors/driver-error.js';
import { createBackoff } from './backoff.js';
import { deadlineIn } from './deadline.js';
import { retryWhile } from './retry.js';
import { watchTimers, type TimerWatch } from '../../test/timer-watch.js';

const busy = (): DriverError => new DriverError('MACHINE.BUSY', 'Machine "web" is busy.', { heldBy: 'task-7' });
const quick = { initial: { milliseconds: 1 }, cap: { milliseconds: 2 } };

let timers: TimerWatch;
beforeEach(() => (timers = watchTimers()));
afterEach(() => {
  timers.restore();
  expect(timers.open()).toBe(0);
});

describe('retryWhile', () => {
  test('calls again while the machine is busy', async () => {
    const told: string[] = [];
    let calls = 0;
    const result = await retryWhile(
      {},
      async () => {
        calls += 1;
        if (calls < 4) throw busy();
        return calls;
      },
      { backoff: quick, onRetry: (error) => told.push(error.code) },
    );
    expect(result).toBe(4);
    expect(told).toEqual(['MACHINE.BUSY', 'MACHINE.BUSY', 'MACHINE.BUSY']);
  });

  test('rejects with the last busy error, who holds it and all, when the time is over', async () => {
    const started = Date.now();
    const call = retryWhile({ deadline: deadlineIn({ milliseconds: 60 }) }, () => Promise.reject(busy()), {
      backoff: quick,
    });
    await expect(call).rejects.toMatchObject({ code: 'MACHINE.BUSY', heldBy: 'task-7' });
    expect(Date.now() - started).toBeGreaterThanOrEqual(40);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  test('uses the time there is, however long the waiting times', async () => {
    let calls = 0;
    const call = retryWhile(
      { deadline: deadlineIn({ milliseconds: 100 }) },
      async () => {
        calls += 1;
        throw busy();
      },
      { backoff: { initial: { minutes: 1 }, cap: { minutes: 1 }, jitter: 0 } },
    );
    await expect(call).rejects.toMatchObject({ code: 'MACHINE.BUSY' });
    expect(calls).toBeGreaterThan(1);
  });

  test.each([
    ['an error that is not about being busy', new DriverError('POOL.FULL', 'Pool "p" is full.')],
    [
      'a busy error of a call that changed something',
      new DriverError('VOLUME.BUSY', 'Volume "v" is busy.', { stateAfter: 'partial' }),
    ],
    ['a busy error that will not pass', new DriverError('MACHINE.BUSY', 'Machine "m" is stuck.', { retryable: false })],
    ['an error that is none of the contract', new Error('bug')],
  ])('does not repeat %s', async (_, error) => {
    let calls = 0;
    const call = retryWhile({}, async () => {
      calls += 1;
      throw error;
    });
    await expect(call).rejects.toBe(error);
    expect(calls).toBe(1);
  });

  test('repeats what the policy names, but never what is not retryable', async () => {
    let calls = 0;
    const codes = ['HOST.UNREACHABLE', 'HOST.UNREACHABLE', 'ACCESS.DENIED'] as const;
    const call = retryWhile({}, () => Promise.reject(new DriverError(codes[calls++] ?? 'DRIVER.FAULT', 'No.')), {
      when: () => true,
      backoff: quick,
    });
    await expect(call).rejects.toMatchObject({ code: 'ACCESS.DENIED' });
    expect(calls).toBe(3);
  });

  test('stops waiting at once when the caller cancels', async () => {
    const controller = new AbortController();
    const call = retryWhile({ signal: controller.signal }, () => Promise.reject(busy()), {
      backoff: { initial: { minutes: 1 }, cap: { minutes: 1 } },
      onRetry: () => setImmediate(() => controller.abort()),
    });
    await expect(call).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  });
});

describe('createBackoff', () => {
  const take = (count: number, options: Parameters<typeof createBackoff>[0]): number[] => {
    const backoff = createBackoff(options);
    return Array.from({ length: count }, () => backoff.next().milliseconds);
  };

  test('grows by the factor up to the cap', () => {
    const options = { initial: { milliseconds: 10 }, factor: 3, cap: { milliseconds: 100 }, jitter: 0 };
    expect(take(5, options)).toEqual([10, 30, 90, 100, 100]);
  });

  test('shortens each time by a random part, repeatably with a seed', () => {
    const options = { initial: { milliseconds: 100 }, factor: 1, jitter: 0.25 };
    const times = take(200, { ...options, seed: 42 });
    expect(Math.min(...times)).toBeGreaterThanOrEqual(75);
    expect(Math.max(...times)).toBeLessThanOrEqual(100);
    expect(new Set(times).size).toBeGreaterThan(190);
    expect(take(200, { ...options, seed: 42 })).toEqual(times);
    expect(take(200, { ...options, seed: 43 })).not.toEqual(times);
  });

  test('starts again after a reset', () => {
    const backoff = createBackoff({ initial: { milliseconds: 10 }, jitter: 0 });
    backoff.next();
    expect(backoff.next()).toEqual({ milliseconds: 20 });
    backoff.reset();
    expect(backoff.next()).toEqual({ milliseconds: 10 });
  });

  test('refuses nonsense', () => {
    expect(() => createBackoff({ jitter: 2 })).toThrow(RangeError);
    expect(() => createBackoff({ factor: 0.5 })).toThrow(RangeError);
  });
});
