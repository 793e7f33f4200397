import { jest } from '@jest/globals';
import { watchTimers, type TimerWatch } from '../../test/timer-watch.js';
import { DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import { undoFailuresOf } from './undo-report.js';
import { createUndoStack, withUndo } from './undo-stack.js';

const refused = (stateAfter: 'unchanged' | 'unknown' = 'unchanged'): DriverError =>
  new DriverError('MACHINE.EXISTS', 'Machine "web" exists already.', {
    stateAfter,
    subject: 'web',
    native: { code: '9', message: 'dup' },
  });

let timers: TimerWatch;
beforeEach(() => (timers = watchTimers()));
afterEach(() => {
  timers.restore();
  expect(timers.open()).toBe(0);
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('did not reject')),
    (error: unknown) => error,
  );
}

describe('withUndo', () => {
  test('gives the result and undoes nothing when all went well', async () => {
    const undo = jest.fn(async () => undefined);
    const result = await withUndo(async (stack) => {
      stack.push('volume', undo);
      return 7;
    });
    expect(result).toBe(7);
    expect(undo).not.toHaveBeenCalled();
  });

  test('undoes in reverse order and throws the very error', async () => {
    const order: string[] = [];
    const cause = refused();
    const error = await caught(
      withUndo(async (stack) => {
        for (const name of ['a', 'b', 'c']) stack.push(name, async () => void order.push(name));
        throw cause;
      }),
    );
    expect(error).toBe(cause);
    expect(order).toEqual(['c', 'b', 'a']);
    expect(undoFailuresOf(error)).toEqual([]);
  });

  test('goes on when an undo fails, and names what is left without hiding the original error', async () => {
    const order: string[] = [];
    const details = { subject: 'web', native: { code: '9', message: 'dup' } };
    const cause = new DriverError('MACHINE.BUSY', 'Machine "web" is busy.', details);
    const stuck = new Error('volume is open');
    const error = await caught(
      withUndo(async (stack) => {
        stack.push('pool entry', async () => void order.push('pool entry'));
        stack.push('volume root', () => Promise.reject(stuck));
        stack.push('machine', async () => void order.push('machine'));
        throw cause;
      }),
    );
    expect(order).toEqual(['machine', 'pool entry']);
    expect(error).toMatchObject({
      code: 'MACHINE.BUSY',
      stateAfter: 'partial',
      retryable: false,
      subject: 'web',
      cause,
    });
    expect(error).toMatchObject({ native: { code: '9', message: 'dup' } });
    expect((error as Error).message).toMatch(/^Machine "web" is busy\. .*"volume root"/);
    expect(undoFailuresOf(error)).toEqual([{ name: 'volume root', error: stuck }]);
  });

  test('an unexpected error stays the cause when something is left', async () => {
    const cause = new TypeError('x is undefined');
    const failing = (): Promise<never> => Promise.reject(new Error('no'));
    const error = await caught(
      withUndo(async (stack) => {
        stack.push('volume', failing);
        throw cause;
      }),
    );
    expect(error).toMatchObject({ code: 'DRIVER.FAULT', stateAfter: 'partial', cause });
  });
});

describe('an undo', () => {
  test('is not cancelled by the aborted signal of the caller and has a deadline of its own', async () => {
    const controller = new AbortController();
    let seen: CallOptions = {};
    const call = withUndo(async (stack) => {
      stack.push('volume', async (options) => {
        seen = options;
      });
      controller.abort();
      controller.signal.throwIfAborted();
    });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.signal?.aborted).toBe(false);
    expect(seen.deadline?.getTime()).toBeGreaterThan(Date.now());
  });

  test('that hangs is given up at its deadline, and the others still run', async () => {
    const first = jest.fn(async () => undefined);
    const stack = createUndoStack();
    stack.push('first', first);
    stack.push('hanging', () => new Promise(() => undefined));
    const report = await stack.rollback(refused(), { eachWithin: { milliseconds: 5 } });
    expect(first).toHaveBeenCalledTimes(1);
    expect(report).toMatchObject({
      undone: ['first'],
      left: [{ name: 'hanging', error: { code: 'CALL.DEADLINE_EXCEEDED' } }],
    });
  });

  test('that throws before it returns a promise is collected as well', async () => {
    const stack = createUndoStack();
    stack.push('sync', () => {
      throw new Error('at once');
    });
    const { left } = await stack.rollback(refused());
    expect(left).toHaveLength(1);
  });
});

describe('attempt', () => {
  const fail = (error: DriverError) => (): Promise<never> => Promise.reject(error);

  test('undoes the failed call itself, which leaves the state unchanged whatever it said', async () => {
    const undo = jest.fn(async () => undefined);
    const error = await caught(withUndo((stack) => stack.attempt('machine', undo, fail(refused('unknown')))));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(error).toMatchObject({ code: 'MACHINE.EXISTS', stateAfter: 'unchanged', cause: { stateAfter: 'unknown' } });
  });

  test('a call without it keeps what it said', async () => {
    const cause = refused('unknown');
    const error = await caught(
      withUndo(async (stack) => {
        stack.push('earlier', async () => undefined);
        await fail(cause)();
      }),
    );
    expect(error).toBe(cause);
  });
});

test('commit keeps what was done before it', async () => {
  const order: string[] = [];
  const stack = createUndoStack();
  stack.push('kept', async () => void order.push('kept'));
  stack.commit();
  stack.push('undone', async () => void order.push('undone'));
  await stack.rollback(refused());
  expect(order).toEqual(['undone']);
});

test('a push after the rollback is refused, for nobody would undo it', async () => {
  const stack = createUndoStack();
  await stack.rollback(refused());
  expect(() => stack.push('late', async () => undefined)).toThrow(/"late" came too late/);
});

test('observers are told, and cannot stop a rollback', async () => {
  const events: string[] = [];
  const stack = createUndoStack();
  stack.push('a', async () => undefined);
  stack.push('b', () => Promise.reject(new Error('no')));
  const { left } = await stack.rollback(refused(), {
    onUndo: ({ name, phase }) => {
      events.push(`${phase} ${name}`);
      throw new Error('broken observer');
    },
  });
  expect(events).toEqual(['undoing b', 'left b', 'undoing a', 'undone a']);
  expect(left.map(({ name }) => name)).toEqual(['b']);
});
