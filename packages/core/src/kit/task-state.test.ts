import { taskId } from '../values/identifiers.js';
import { createTaskState } from './task-state.js';

const id = taskId('t1');

test('the first outcome counts, whatever comes later', async () => {
  const state = createTaskState<string>(id);
  state.running(new Date(5));
  state.running(new Date(9));
  state.report({ fraction: 0.5 });
  state.fail(new Error('first'));
  state.succeed('second');
  state.running();
  state.report({ fraction: 0.9 });
  expect(state.status()).toEqual({ id, state: 'failed', progress: { fraction: 0.5 }, startedAt: new Date(5) });
  await expect(state.outcome()).rejects.toThrow('first');
});

test('a task is queued until it is told to run', () => {
  const state = createTaskState<string>(id);
  expect(state.status()).toEqual({ id, state: 'queued', progress: {} });
  expect(state.ended).toBe(false);
});
