import type { Handler, Next } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import type { Outcome } from '../faults/outcome.js';
import type { Settings } from '../settings.js';
import { contentOf, faultAnswer, resultAnswer, type Answer, type Fault } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, textOf, type Element } from '../xml/element.js';
import type { Overlay } from './object-values.js';
import { placeholderTask, readProperty } from './simulator-objects.js';
import { taskError, taskInfo, taskValue, type TaskProgress } from './task-info.js';

/** What the work of a task came to. */
export type TaskOutcome =
  | { readonly result?: Element | undefined }
  | { readonly fault: Fault }
  | { readonly error: Element };

interface OwnTask {
  readonly reference: Reference;
  readonly base: Element;
  readonly call: Call;
  readonly work: () => Promise<TaskOutcome>;
  now: TaskProgress;
  queued: number;
  running: number;
  readonly runningAtFirst: number;
  finishing: Promise<void> | undefined;
}

/** Tasks that take their time, which those of the simulator do not. */
export interface Tasks {
  readonly handler: Handler;
  readonly overlay: Overlay;
  /** Answers a call with a task whose work begins after so many looks at it. */
  start(call: Call, work: () => Promise<TaskOutcome>, hold?: { queued: number; running: number }): Promise<Answer>;
  startAs(call: Call, next: Next, outcome: Extract<Outcome, { kind: 'failing-task' | 'held-task' }>): Promise<Answer>;
  /** A look at a task: one step further. Undefined for tasks of the simulator's own. */
  look(task: Reference): Promise<Element | undefined>;
  /** The information of a task as it is now; undefined for tasks of the simulator's own. */
  info(task: Reference): Element | undefined;
  isDone(task: Reference): boolean;
  close(): void;
}

/** Work begins by itself when nobody looks, because a real server does not wait to be asked. */
const unwatchedMs = 5000;

export function tasks(upstream: Upstream, settings: Settings, rootFolder: Reference): Tasks {
  const own = new Map<string, OwnTask>();
  const timers = new Set<NodeJS.Timeout>();
  const infoOf = (task: OwnTask) => taskInfo(task.base, task.call.method, task.call.self, task.now);
  const isDone = ({ now: { state } }: OwnTask) => state === 'success' || state === 'error';

  function finish(task: OwnTask): Promise<void> {
    task.finishing ??= task.work().then(
      (outcome) => void (isDone(task) || (task.now = progressOf(outcome))),
      (error: unknown) => void (task.now = progressOf({ fault: { type: 'SystemError', message: String(error) } })),
    );
    return task.finishing;
  }

  async function step(task: OwnTask): Promise<void> {
    if (isDone(task)) return;
    if (task.queued > 0) task.queued -= 1;
    else if (task.running > 0) {
      task.running -= 1;
      const progress = Math.floor((100 * (task.runningAtFirst - task.running - 1)) / task.runningAtFirst);
      task.now = { state: 'running', progress };
    } else await finish(task);
  }

  /** What a stand-in's own task behind a held one comes to, at once; undefined for tasks of the simulator's own. */
  async function outcomeOfOwn(reference: string): Promise<TaskOutcome | undefined> {
    const task = own.get(reference);
    if (!task) return undefined;
    await finish(task);
    return task.now.error ? { error: task.now.error } : { result: task.now.result };
  }

  const passOn = (call: Call, next: Next) => passedOn(upstream, call, next, outcomeOfOwn);

  const tasksHere: Tasks = {
    overlay(object, path, value) {
      const task = object.type === 'Task' ? own.get(object.value) : undefined;
      return task && taskValue(infoOf(task), path, value);
    },
    async start(call, work, hold = { queued: 0, running: 0 }) {
      const reference = await placeholderTask(upstream, call, rootFolder);
      const base = await readProperty(upstream, call, reference, 'info');
      if (!base) throw new Error(`${reference.value} has no information.`);
      const { queued, running } = hold;
      const now: TaskProgress = { state: 'queued' };
      const task: OwnTask = {
        reference,
        base,
        call,
        work,
        now,
        queued,
        running,
        runningAtFirst: running,
        finishing: undefined,
      };
      own.set(reference.value, task);
      if (queued + running === 0) await finish(task);
      else timers.add(setTimeout(() => void finish(task), unwatchedMs).unref());
      return resultAnswer(call.method, [element('returnval', reference.value, { type: 'Task' })]);
    },
    startAs(call, next, outcome) {
      if (outcome.kind === 'failing-task')
        return tasksHere.start(call, () => Promise.resolve({ fault: outcome }), held(settings));
      const { queued = 0, running = 0 } = outcome;
      return tasksHere.start(call, () => passOn(call, next), { queued, running });
    },
    async look(reference) {
      const task = own.get(reference.value);
      if (!task) return undefined;
      await step(task);
      return infoOf(task);
    },
    info(reference) {
      const task = own.get(reference.value);
      return task && infoOf(task);
    },
    isDone: (reference) => isDoneOrForeign(own.get(reference.value), isDone),
    close: () => timers.forEach((timer) => clearTimeout(timer)),

    async handler(call, next) {
      if (call.method === 'CancelTask') return cancel(call, next);
      const { queued, running } = settings.taskHold;
      if (queued + running > 0 && call.method.endsWith('_Task')) {
        return tasksHere.start(call, () => passOn(call, next), { queued, running });
      }
      return next(call);
    },
  };

  async function cancel(call: Call, next: Next): Promise<Answer> {
    const task = own.get(call.self.value);
    if (task && !isDone(task) && !task.finishing) {
      task.now = progressOf({ fault: { type: 'RequestCanceled', message: 'The task was canceled by a user.' } });
      task.finishing = Promise.resolve();
      return resultAnswer(call.method);
    }
    const answer = task ? undefined : await next(call);
    if (answer?.status === 200) return answer;
    return faultAnswer({ type: 'InvalidState', message: 'The task has ended.' });
  }

  return tasksHere;
}

const held = ({ taskHold }: Settings) => ({ ...taskHold });

const isDoneOrForeign = (task: OwnTask | undefined, isDone: (task: OwnTask) => boolean) => !task || isDone(task);

function progressOf(outcome: TaskOutcome): TaskProgress {
  if ('fault' in outcome) return { state: 'error', error: taskError(outcome.fault) };
  if ('error' in outcome) return { state: 'error', error: outcome.error };
  return { state: 'success', progress: 100, result: outcome.result };
}

/** What the simulator's own task came to, or that of a stand-in. */
async function passedOn(
  upstream: Upstream,
  call: Call,
  next: Next,
  outcomeOfOwn: (reference: string) => Promise<TaskOutcome | undefined>,
): Promise<TaskOutcome> {
  const answer = await next(call);
  const content = contentOf(answer);
  const returned = child(content, 'returnval');
  if (returned?.type !== 'Task') {
    const fault = child(content, 'detail')?.children[0];
    return fault
      ? {
          error: element('error', [
            { ...fault, name: 'fault', dataType: fault.dataType ?? { namespace: 'urn:vim25', name: fault.name } },
            element('localizedMessage', textOf(content, 'faultstring') ?? ''),
          ]),
        }
      : { fault: { type: 'SystemError', message: `HTTP ${answer.status}` } };
  }
  const ofStandIn = await outcomeOfOwn(returned.text);
  if (ofStandIn) return ofStandIn;
  const info = await readProperty(upstream, call, { type: 'Task', value: returned.text }, 'info');
  const error = child(info, 'error');
  return error ? { error } : { result: child(info, 'result') };
}
