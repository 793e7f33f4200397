import type { Handler, Next } from '../chain/handler.js';
import type { Settings } from '../settings.js';
import { contentOf, faultAnswer, resultAnswer, type Answer } from '../soap/answer.js';
import { withOperation, type Call, type Reference } from '../soap/call.js';
import { child, childrenOf, element, textOf, withChildren, type Element } from '../xml/element.js';
import { objectOf, overlaid, type Overlay } from './object-values.js';
import { taskChanges } from './task-info.js';
import type { Tasks } from './tasks.js';
import { Watchers } from './watchers.js';

interface ObjectUpdate {
  readonly filter: Element;
  readonly update: Element;
}

interface WatchedTask {
  readonly filter: Element;
  readonly task: Reference;
  readonly paths: readonly string[];
}

interface Collector {
  version: number;
  /** What the simulator's own version was. */
  behind: string;
  /** The simulator has more to tell of the same moment. */
  more: boolean;
  queue: readonly ObjectUpdate[];
  watched: readonly WatchedTask[];
}

const kinds = /^(WaitForUpdatesEx|WaitForUpdates|CheckForUpdates)$/;

/** Versions that count, answers that end early, and tasks that change, which the simulator's collectors do not have. */
export function updates(settings: Settings, tasks: Tasks, overlays: readonly Overlay[]): Handler {
  const collectors = new Map<string, Collector>();
  const watchers = new Watchers();

  return async (call, next) => {
    if (call.method === 'Destroy_Task') await watchers.know(call.self);
    if (call.method === 'DestroyPropertyCollector') {
      collectors.delete(keyOf(call));
      watchers.forget(keyOf(call));
    }
    if (!kinds.test(call.method)) return next(call);
    const asked = textOf(call.operation, 'version') ?? '';
    const known = collectors.get(keyOf(call));
    if (asked !== '' && asked !== String(known?.version)) return faultAnswer({ type: 'InvalidCollectorVersion' });
    const collector =
      asked !== '' && known ? known : { version: known?.version ?? 0, behind: '', more: false, queue: [], watched: [] };
    collectors.set(keyOf(call), collector);
    if (collector.queue.length === 0) {
      const refused = await collect(collector, call, next);
      if (refused) return refused;
    }
    return resultAnswer(call.method, deliverable(collector, call));
  };

  /** Fills the queue; answers what the simulator answered if that was no success. */
  async function collect(collector: Collector, call: Call, next: Next): Promise<Answer | undefined> {
    const changed = await changesOfTasks(collector);
    const wait = asOwnWait(call, collector.behind, changed.length > 0);
    const answer = await watchers.during(keyOf(call), () => next(wait));
    const content = contentOf(answer);
    if (answer.status !== 200 || !content) return answer;
    const set = child(content, 'returnval');
    const fresh = childrenOf(set, 'filterSet').flatMap(updatesOf);
    for (const { update } of fresh) watchers.tell(keyOf(call), update);
    collector.behind = textOf(set, 'version') ?? collector.behind;
    collector.more = textOf(set, 'truncated') === 'true';
    collector.watched = [...collector.watched, ...fresh.flatMap(watchedOf)];
    collector.queue = [
      ...changed,
      ...fresh.map(({ filter, update }) => ({ filter, update: overlaid(update, overlays) })),
    ];
    return undefined;
  }

  /** One step of every task that is watched and not done, as changes. */
  async function changesOfTasks(collector: Collector): Promise<readonly ObjectUpdate[]> {
    const watched = collector.watched.filter(({ task }) => !tasks.isDone(task));
    const changes: ObjectUpdate[] = [];
    for (const { filter, task, paths } of watched) {
      const info = await tasks.look(task);
      const content = [element('kind', 'modify'), element('obj', task.value, { type: task.type })];
      const changeSet = info ? taskChanges(info, paths) : [];
      changes.push({ filter, update: element('objectSet', [...content, ...changeSet]) });
    }
    collector.watched = watched.filter(({ task }) => !tasks.isDone(task));
    return changes;
  }

  /** The tasks of the proxy's own that have just come into view. */
  function watchedOf({ filter, update }: ObjectUpdate): readonly WatchedTask[] {
    const task = objectOf(update);
    if (task.type !== 'Task' || !tasks.info(task) || tasks.isDone(task)) return [];
    const named = childrenOf(update, 'changeSet').map((change) => textOf(change, 'name') ?? '');
    // What is not set yet is not among the first values, and may be later.
    const parts = named.includes('info')
      ? ['info']
      : [...new Set([...named, 'info.error', 'info.progress', 'info.result'])];
    return [{ filter, task, paths: parts }];
  }

  function deliverable(collector: Collector, call: Call): readonly Element[] {
    if (collector.queue.length === 0) return [];
    const most = Number(textOf(child(call.operation, 'options'), 'maxObjectUpdates') ?? Infinity);
    const limit = Math.min(most, settings.updatesPerAnswer);
    const now = collector.queue.slice(0, limit);
    collector.queue = collector.queue.slice(limit);
    collector.version += 1;
    const truncated = collector.queue.length > 0 || collector.more ? [element('truncated', true)] : [];
    return [element('returnval', [element('version', collector.version), ...grouped(now), ...truncated])];
  }
}

/** A collector belongs to a session, also the one that has the same name in every session. */
const keyOf = ({ session, self }: Call): string => `${session ?? ''} ${self.value}`;

/** What the simulator is asked, whichever of the three methods it was. */
function asOwnWait(call: Call, version: string, isUrgent: boolean): Call {
  const isCheck = call.method === 'CheckForUpdates';
  const seconds = textOf(child(call.operation, 'options'), 'maxWaitSeconds');
  const wait = isUrgent || isCheck ? '0' : seconds;
  const self = childrenOf(call.operation, '_this');
  const options = wait === undefined ? [] : [element('options', [element('maxWaitSeconds', wait)])];
  const operation = element('WaitForUpdatesEx', [...self, element('version', version), ...options]);
  return withOperation(call, operation);
}

function updatesOf(filterUpdate: Element): readonly ObjectUpdate[] {
  const filter = child(filterUpdate, 'filter') ?? element('filter');
  return childrenOf(filterUpdate, 'objectSet').map((update) => ({ filter, update }));
}

function grouped(updates: readonly ObjectUpdate[]): readonly Element[] {
  const sets = new Map<string, Element>();
  for (const { filter, update } of updates) {
    const set = sets.get(filter.text) ?? element('filterSet', [filter]);
    sets.set(filter.text, withChildren(set, [...set.children, update]));
  }
  return [...sets.values()];
}
