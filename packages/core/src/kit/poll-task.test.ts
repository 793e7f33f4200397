import { jest } from '@jest/globals';
import { DriverError } from '../errors/driver-error.js';
import { taskId } from '../values/identifiers.js';
import { watchTimers, type TimerWatch } from '../../test/timer-watch.js';
import { deadlineIn } from './deadline.js';
import { pollTask, type PolledTask, type ServerTask } from './poll-task.js';
import { collect } from './sequence.js';

const id = taskId('task-42');
const backoff = { initial: { milliseconds: 1 }, cap: { milliseconds: 1 } };
const lost = (): DriverError => new DriverError('HOST.CONNECTION_LOST', 'Host "h1" hung up.');

let timers: TimerWatch;
beforeEach(() => (timers = watchTimers()));
afterEach(() => {
  timers.restore();
  expect(timers.open()).toBe(0);
});

/** A server whose answers come from a script; the last one stays. */
function serving(script: readonly (PolledTask<string> | Error)[], more: Partial<ServerTask<string>> = {}) {
  const asked = { poll: 0, cancel: 0 };
  const task = pollTask<string>({
    id,
    backoff,
    poll: async () => {
      const answer = script[Math.min(asked.poll++, script.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
    cancel: async () => void (asked.cancel += 1),
    ...more,
  });
  return { task, asked };
}

const running = (fraction: number): PolledTask<string> => ({
  state: 'running',
  progress: { fraction },
  startedAt: new Date(7),
});
const succeeded: PolledTask<string> = { state: 'succeeded', result: 'moved' };

test('polls until the end; every caller gets the result, and an ended task is asked no more', async () => {
  const { task, asked } = serving([{ state: 'queued' }, running(0.5), succeeded]);
  await expect(Promise.all([task.result(), task.result()])).resolves.toEqual(['moved', 'moved']);
  await expect(task.result()).resolves.toBe('moved');
  await expect(task.status()).resolves.toEqual({
    id,
    state: 'succeeded',
    progress: { fraction: 1 },
    startedAt: new Date(7),
  });
  expect(asked.poll).toBe(3);
});

test('is silent until somebody waits, and again when all have left', async () => {
  const { task, asked } = serving([running(0.1)]);
  await new Promise(setImmediate);
  expect(asked.poll).toBe(0);
  const controller = new AbortController();
  const waiting = [task.result({ signal: controller.signal }), collect(task.progress({ signal: controller.signal }))];
  controller.abort();
  for (const wait of waiting)
    await expect(wait).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  await new Promise(setImmediate);
  expect(timers.open()).toBe(0);
});

test('progress is monotone, and leaving the loop stops the polling', async () => {
  const { task } = serving([running(0.5), running(0.2), running(0.7)]);
  const seen: (number | undefined)[] = [];
  for await (const { fraction } of task.progress()) {
    seen.push(fraction);
    if (fraction === 0.7) break;
  }
  expect(seen).toEqual([...seen].sort());
  expect(seen.at(0)).toBe(0.5);
});

test('status looks once', async () => {
  const { task, asked } = serving([running(0.5)]);
  await expect(task.status()).resolves.toMatchObject({ state: 'running', progress: { fraction: 0.5 } });
  expect(asked.poll).toBe(1);
});

test('a failure on the server is the result for everybody', async () => {
  const error = new DriverError('MIGRATION.FAILED', 'Machine "web" stayed on host "h1".');
  const { task } = serving([running(0.9), { state: 'failed', error }]);
  const progress = collect(task.progress());
  await expect(task.result()).rejects.toBe(error);
  await expect(progress).resolves.toEqual([{ fraction: 0.9 }]);
  await expect(task.status()).resolves.toMatchObject({ state: 'failed' });
});

describe('an outage', () => {
  test('is sat out', async () => {
    const { task } = serving([running(0.1), lost(), lost(), succeeded]);
    await expect(task.result()).resolves.toBe('moved');
  });

  test('does not count together with an earlier one', async () => {
    // Each look takes 40 seconds by the clock.
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    const script = [lost(), running(0.1), lost(), succeeded];
    const { task } = serving([], {
      poll: async () => {
        now += 40_000;
        const answer = script.shift() ?? succeeded;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    await expect(task.result().finally(() => clock.mockRestore())).resolves.toBe('moved');
  });

  test('that lasts too long ends the waiting, not the task', async () => {
    const { task } = serving([lost(), succeeded], { outageWithin: { milliseconds: 0 } });
    const patient = { deadline: deadlineIn({ minutes: 10 }) };
    const progress = collect(task.progress(patient));
    await expect(task.result(patient)).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
    await expect(progress).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
    await expect(task.result()).resolves.toBe('moved');
  });

  test('of a server that hangs is noticed', async () => {
    const { task } = serving([], {
      poll: () => new Promise(() => undefined),
      pollWithin: { milliseconds: 2 },
      outageWithin: { milliseconds: 4 },
    });
    await expect(task.result()).rejects.toMatchObject({
      code: 'CALL.DEADLINE_EXCEEDED',
      message: expect.stringContaining('task-42'),
    });
  });

  test('that is none, for the server answered, is told at once', async () => {
    const gone = new DriverError('TASK.NOT_FOUND', 'Task task-42 is not known to the host.');
    const { task, asked } = serving([gone]);
    await expect(task.result()).rejects.toBe(gone);
    expect(asked.poll).toBe(1);
  });
});

describe('cancel', () => {
  test('asks the server, and the outcome is what the server then says', async () => {
    let asked = false;
    const { task } = serving([], {
      poll: async () => (asked ? { state: 'cancelled', error: new Error('RequestCanceled') } : running(0.5)),
      cancel: async () => void (asked = true),
    });
    const result = task.result();
    await task.cancel();
    await expect(result).rejects.toMatchObject({ code: 'CALL.CANCELLED', cause: { message: 'RequestCanceled' } });
    await expect(task.status()).resolves.toMatchObject({ state: 'cancelled' });
  });

  test('changes nothing after the end, known here or not', async () => {
    const refusal = new DriverError('TASK.NOT_FOUND', 'Task task-42 has ended.');
    const { task, asked } = serving([succeeded], { cancel: () => Promise.reject(refusal) });
    await task.cancel();
    await task.cancel();
    await expect(task.result()).resolves.toBe('moved');
    expect(asked.poll).toBe(1);
  });

  test('tells when the server refuses', async () => {
    const denied = new DriverError('ACCESS.DENIED', 'Task task-42 may not be cancelled.');
    const { task } = serving([running(0.5)], { cancel: () => Promise.reject(denied) });
    await expect(task.cancel()).rejects.toBe(denied);
  });
});
