import { getEventListeners } from 'node:events';
import { jest } from '@jest/globals';
import { watchTimers, type TimerWatch } from '../../test/timer-watch.js';
import { isDriverError } from '../errors/driver-error.js';
import { abortable, deadlineIn, remaining, withDeadline } from './deadline.js';
import { delay } from './delay.js';
import { throwIfAborted } from './interruption.js';

const never = (): Promise<never> => new Promise(() => undefined);
const long = { minutes: 10 };

let timers: TimerWatch;
beforeEach(() => (timers = watchTimers()));
afterEach(() => {
  timers.restore();
  expect(timers.open()).toBe(0);
});

describe('deadlineIn and remaining', () => {
  test('count down to the same moment', () => {
    expect(remaining(deadlineIn({ seconds: 60 }))).toBeGreaterThan(59_000);
    expect(remaining(deadlineIn({ seconds: 60 }))).toBeLessThanOrEqual(60_000);
    expect(remaining(new Date(0))).toBe(0);
    expect(remaining(undefined)).toBe(Infinity);
  });

  test('a negative duration is refused', () => {
    expect(() => deadlineIn({ milliseconds: -1 })).toThrow(RangeError);
    expect(() => deadlineIn({ minutes: Number.NaN })).toThrow(RangeError);
  });
});

describe('withDeadline', () => {
  test('gives the result and leaves neither timer nor listener', async () => {
    const { signal } = new AbortController();
    await expect(withDeadline({ signal }, long, async () => 'done')).resolves.toBe('done');
    await expect(withDeadline({ signal }, long, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('rejects work that ignores its signal when the deadline passes', async () => {
    const call = withDeadline({}, { milliseconds: 5 }, never, { what: 'Starting machine "web"', subject: 'm1' });
    await expect(call).rejects.toMatchObject({
      code: 'CALL.DEADLINE_EXCEEDED',
      stateAfter: 'unknown',
      subject: 'm1',
      message: expect.stringMatching(/^Starting machine "web" did not end before its deadline\. /),
    });
  });

  test("the caller's deadline counts, not the fallback", async () => {
    const deadline = deadlineIn({ milliseconds: 5 });
    await expect(withDeadline({ deadline }, long, never)).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
    await withDeadline({ deadline: deadlineIn(long) }, { milliseconds: 0 }, async (call) => {
      expect(remaining(call.deadline)).toBeGreaterThan(500_000);
    });
  });

  test('rejects with the reason as cause and the state at that moment when the caller cancels', async () => {
    const controller = new AbortController();
    let changed = false;
    const call = withDeadline({ signal: controller.signal }, long, never, {
      stateAfter: () => (changed ? 'partial' : 'unchanged'),
    });
    changed = true;
    controller.abort(new Error('user pressed Ctrl-C'));
    await expect(call).rejects.toMatchObject({
      code: 'CALL.CANCELLED',
      stateAfter: 'partial',
      cause: expect.objectContaining({ message: 'user pressed Ctrl-C' }),
    });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('hands the abort on, and what the work then says itself counts', async () => {
    const controller = new AbortController();
    const own = withDeadline({ signal: controller.signal }, long, ({ signal }) => {
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped after 3 of 7'))),
      );
    });
    const late = withDeadline({ signal: controller.signal }, long, ({ signal }) => {
      return new Promise((resolve) => signal.addEventListener('abort', resolve)).then(async () => {
        // What it takes to read an answer that is there already.
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        return 'too late to cancel';
      });
    });
    controller.abort();
    await expect(own).rejects.toThrow('stopped after 3 of 7');
    await expect(late).resolves.toBe('too late to cancel');
  });

  test('a plain AbortError of the platform becomes the error of the contract', async () => {
    const call = withDeadline({}, { milliseconds: 5 }, ({ signal }) => {
      const abort = (): Error => Object.assign(new Error('The operation was aborted'), { name: 'AbortError' });
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(abort())));
    });
    await expect(call).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
  });

  test('nested calls tell a deadline from a cancel', async () => {
    const outer = withDeadline({}, { milliseconds: 5 }, ({ signal }) => withDeadline({ signal }, long, never));
    await expect(outer).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
    const timeout = withDeadline({ signal: AbortSignal.timeout(5) }, long, never);
    await expect(timeout).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
  });

  test('does not start when it is too late', async () => {
    const run = jest.fn(async () => undefined);
    const aborted = withDeadline({ signal: AbortSignal.abort() }, long, run, { stateAfter: 'partial' });
    await expect(aborted).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
    const late = withDeadline({ deadline: new Date(0) }, long, run);
    await expect(late).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED', stateAfter: 'unchanged' });
    await expect(withDeadline({ deadline: new Date('soon') }, long, run)).rejects.toMatchObject({
      code: 'REQUEST.INVALID',
    });
    expect(run).not.toHaveBeenCalled();
  });

  test('10,000 calls at a time on one signal need one listener and leave none', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 10_000 }, () =>
      withDeadline({ signal }, long, never).catch((error: unknown) => error),
    );
    // The platform warns of a leak when there are more than ten.
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    const errors = await Promise.all(calls);
    expect(errors.every((error) => isDriverError(error, 'CALL.CANCELLED'))).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a deadline beyond the range of one timer does not fire at once', async () => {
    const deadline = deadlineIn({ minutes: 60 * 24 * 60 });
    await expect(withDeadline({ deadline }, long, () => delay({ milliseconds: 5 }))).resolves.toBeUndefined();
  });
});

describe('abortable', () => {
  test('passes the outcome on', async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), { signal })).resolves.toBe(1);
    await expect(abortable(Promise.reject(new Error('no')), { signal })).rejects.toThrow('no');
    await expect(abortable(Promise.resolve(2))).resolves.toBe(2);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('stops waiting, and a later rejection bothers nobody', async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise((_, reject) => (fail = reject));
    const waiting = abortable(work, { signal: controller.signal }, { stateAfter: 'unchanged' });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
    fail(new Error('later'));
    await new Promise(setImmediate);
  });
});

test('abortable lets work fail that nobody waited for', async () => {
  const failing = abortable(Promise.reject(new Error('no')), { signal: AbortSignal.abort() });
  await expect(failing).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
  await new Promise(setImmediate);
});

describe('delay', () => {
  test('ends early, its timer stopped, when the caller cancels', async () => {
    const controller = new AbortController();
    const waiting = delay(long, { signal: controller.signal });
    expect(timers.open()).toBe(1);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  });
});

test('throwIfAborted lets a living call pass', () => {
  const { signal } = new AbortController();
  expect(() => throwIfAborted({ signal, deadline: deadlineIn(long) })).not.toThrow();
  expect(() => throwIfAborted()).not.toThrow();
});
