import { DriverError } from '../errors/driver-error.js';
import { bytes } from '../values/quantity.js';
import { taskId } from '../values/identifiers.js';
import type { TaskProgress } from '../values/task.js';
import { collect } from './sequence.js';
import { createTask, type LocalTask } from './task.js';

const id = taskId('copy-1');
type Controls = {
  report(progress: TaskProgress): void;
  finish(result: string): void;
  fail(error: unknown): void;
  signal: AbortSignal;
};

/** A task that does what the test says. */
function controlled(more: Pick<LocalTask<string>, 'cancel'> = {}): {
  task: ReturnType<typeof createTask<string>>;
  work: Controls;
} {
  let work: Controls | undefined;
  const task = createTask<string>({
    id,
    run: (report, signal) => new Promise((finish, fail) => (work = { report, finish, fail, signal })),
    ...more,
  });
  if (!work) throw new Error('The task did not start.');
  return { task, work };
}

describe('the result', () => {
  test('is the same for every caller, before and after the end', async () => {
    const { task, work } = controlled();
    const early = [task.result(), task.result()];
    work.finish('copied');
    await expect(Promise.all([...early, task.result()])).resolves.toEqual(['copied', 'copied', 'copied']);
    await expect(task.status()).resolves.toMatchObject({
      id,
      state: 'succeeded',
      progress: { fraction: 1 },
      startedAt: expect.any(Date),
    });
  });

  test('is an error for every caller, and nobody has to ask', async () => {
    const { task, work } = controlled();
    const error = new DriverError('POOL.FULL', 'Pool "p" is full.');
    work.fail(error);
    await new Promise(setImmediate);
    await expect(task.result()).rejects.toBe(error);
    await expect(task.result()).rejects.toBe(error);
    await expect(task.status()).resolves.toMatchObject({ state: 'failed' });
  });

  test('can be waited for in vain without harm to the work', async () => {
    const { task, work } = controlled();
    const controller = new AbortController();
    const waiting = task.result({ signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
    const late = task.result({ deadline: new Date(0) });
    await expect(late).rejects.toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED' });
    expect(work.signal.aborted).toBe(false);
    work.finish('copied');
    await expect(task.result()).resolves.toBe('copied');
  });

  test('of work that throws before it returns a promise is that error', async () => {
    const task = createTask({
      id,
      run: () => {
        throw new Error('at once');
      },
    });
    await expect(task.result()).rejects.toThrow('at once');
  });
});

describe('progress', () => {
  test('never goes back, keeps what is not told again, and ends at 1', async () => {
    const { task, work } = controlled();
    const seen = collect(task.progress());
    const reports: TaskProgress[] = [
      { fraction: 0.2, phase: 'copying', totalBytes: bytes(10) },
      { fraction: 0.1, doneBytes: bytes(2) },
      { fraction: 7 },
      { phase: 'closing', fraction: Number.NaN },
    ];
    for (const report of reports) {
      work.report(report);
      await new Promise(setImmediate);
    }
    work.finish('copied');
    const known = { totalBytes: bytes(10), doneBytes: bytes(2) };
    expect(await seen).toEqual([
      { fraction: 0.2, phase: 'copying', totalBytes: bytes(10) },
      { fraction: 0.2, phase: 'copying', ...known },
      { fraction: 1, phase: 'copying', ...known },
      { fraction: 1, phase: 'closing', ...known },
      { fraction: 1, phase: 'closing', ...known },
    ]);
  });

  test('goes to every consumer; a slow one sees the newest only', async () => {
    const { task, work } = controlled();
    const fast = collect(task.progress());
    const slow = task.progress()[Symbol.asyncIterator]();
    for (const fraction of [0.1, 0.2, 0.3]) {
      work.report({ fraction });
      await new Promise(setImmediate);
    }
    expect((await slow.next()).value).toEqual({ fraction: 0.3 });
    work.finish('copied');
    expect(await fast).toEqual([0.1, 0.2, 0.3, 1].map((fraction) => ({ fraction })));
    expect((await slow.next()).value).toEqual({ fraction: 1 });
    expect((await slow.next()).done).toBe(true);
  });

  test('ends without error when the work fails', async () => {
    const { task, work } = controlled();
    const seen = collect(task.progress());
    work.report({ fraction: 0.5 });
    work.fail(new Error('no'));
    expect(await seen).toEqual([{ fraction: 0.5 }]);
  });

  test('can be left with the signal', async () => {
    const { task } = controlled();
    const controller = new AbortController();
    const seen = collect(task.progress({ signal: controller.signal }));
    controller.abort();
    await expect(seen).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  });
});

describe('cancel', () => {
  test('aborts the work, which then tells what became of it', async () => {
    const { task, work } = controlled();
    work.signal.addEventListener('abort', () => work.fail(work.signal.reason));
    await task.cancel();
    await expect(task.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED' });
    await expect(task.status()).resolves.toMatchObject({ state: 'cancelled' });
  });

  test('turns the AbortError of the platform into the error of the contract', async () => {
    const { task, work } = controlled();
    await task.cancel();
    work.fail(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    await expect(task.result()).rejects.toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unknown' });
  });

  test('may come too late, and then changes nothing', async () => {
    const { task, work } = controlled();
    await task.cancel();
    work.finish('copied');
    await expect(task.result()).resolves.toBe('copied');
    await task.cancel();
    await expect(task.status()).resolves.toMatchObject({ state: 'succeeded' });
  });

  test('does not ask the hypervisor after the end', async () => {
    let asked = 0;
    const { task, work } = controlled({ cancel: async () => void (asked += 1) });
    work.finish('copied');
    await task.result();
    await task.cancel();
    expect(asked).toBe(0);
  });

  test('asks the hypervisor once at a time; when it refuses, the work goes on and may be cancelled again', async () => {
    let asked = 0;
    const { task, work } = controlled({
      cancel: async () => {
        asked += 1;
        if (asked === 1) throw new DriverError('ACCESS.DENIED', 'Task copy-1 may not be cancelled by this account.');
      },
    });
    const both = await Promise.allSettled([task.cancel(), task.cancel()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
    await task.cancel();
    expect(asked).toBe(2);
    expect(work.signal.aborted).toBe(false);
  });
});
