import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import type { Call, Reference } from '../soap/call.js';
import { contentOf, type Answer } from '../soap/answer.js';
import { child, childrenOf, element, primitive, textOf, typed, withChildren, type Element } from '../xml/element.js';
import type { Overlay } from './object-values.js';
import { referenceIn } from '../shims/shim.js';
import { endOf, invokeTask, readProperty } from './simulator-objects.js';
import type { Tasks } from './tasks.js';

/** Versions of configurations, names that are taken, and extra configuration: as a real server has them. */
export function reconfiguration(
  upstream: Upstream,
  tasks: Tasks,
  searchIndex: Reference,
): { readonly handler: Handler; readonly overlay: Overlay } {
  const versions = new Map<string, number>();
  const turns = new Map<string, Promise<unknown>>();
  const announce = announcer(upstream);
  const overlay: Overlay = (object, path, value) => {
    if (object.type !== 'VirtualMachine') return undefined;
    if (path === 'config.extraConfig') return latestOptions(value);
    if (path === 'config.changeVersion') return versioned(value, versions.get(object.value));
    return path === 'config' ? withChildren(value, config(value, versions.get(object.value))) : undefined;
  };

  /** One change at a time to each machine, so that nothing changes between the look at its version and the change. */
  function inTurn<T>(machine: string, change: () => Promise<T>): Promise<T> {
    const mine = (turns.get(machine) ?? Promise.resolve()).then(change);
    turns.set(
      machine,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async function isOutdated(call: Call, spec: Element | undefined): Promise<boolean> {
    const expected = textOf(spec, 'changeVersion') ?? '';
    if (expected === '') return false;
    const now = await readProperty(upstream, call, call.self, 'config.changeVersion');
    return now !== undefined && versioned(now, versions.get(call.self.value)).text !== expected;
  }

  return {
    overlay,
    async handler(call, next) {
      if (call.method === 'CreateVM_Task') {
        const name = textOf(child(call.operation, 'config'), 'name') ?? '';
        if (await isTaken(upstream, call, searchIndex, name)) {
          return tasks.start(call, () => Promise.resolve({ fault: duplicate(call, name) }));
        }
      }
      if (call.method !== 'ReconfigVM_Task') return next(call);
      return inTurn(call.self.value, async () => {
        if (await isOutdated(call, child(call.operation, 'spec'))) {
          return tasks.start(call, () => Promise.resolve({ fault: concurrentAccess }));
        }
        const count = (versions.get(call.self.value) ?? 0) + 1;
        const answer = await announce(call, count, () => next(call));
        versions.set(call.self.value, count);
        return answer;
      });
    },
  };
}

const concurrentAccess = { type: 'ConcurrentAccess', message: 'The machine was changed by somebody else meanwhile.' };

const duplicate = (call: Call, name: string) => ({
  type: 'DuplicateName',
  message: `The name '${name}' already exists.`,
  fields: [element('name', name), element('object', call.self.value, { type: call.self.type })],
});

/**
 * The older simulator never changes the version of a configuration, so that nobody who watches would hear of a change:
 * there it is set by what only simulators understand.
 */
function announcer(upstream: Upstream): (call: Call, count: number, change: () => Promise<Answer>) => Promise<Answer> {
  let changesItself: boolean | undefined;
  const read = async (call: Call) =>
    (await readProperty(upstream, call, call.self, 'config.changeVersion').catch(() => undefined))?.text;
  return async (call, count, change) => {
    const before = changesItself === undefined ? await read(call) : undefined;
    const answer = await change();
    const task = changesItself === true ? undefined : referenceIn(contentOf(answer), 'returnval');
    if (answer.status !== 200 || !task) return answer;
    if (textOf(await endOf(upstream, call, task), 'state') !== 'success') return answer;
    changesItself ??= (await read(call)) !== before;
    // A machine that is gone by now has no version either.
    if (!changesItself)
      await invokeTask(upstream, call, call.self, 'ReconfigVM_Task', [versionSpec(count)]).catch(() => undefined);
    return answer;
  };
}

const versionSpec = (count: number): Element =>
  element('spec', [
    typed('extraConfig', 'OptionValue', [
      element('key', 'SET.config.changeVersion'),
      primitive('value', 'string', `simulated ${count}`),
    ]),
  ]);

const versioned = (value: Element, count: number | undefined): Element =>
  count === undefined ? value : { ...value, text: `${value.text}.${count}` };

function config(value: Element, count: number | undefined): readonly Element[] {
  const options = latestOptions({ ...value, children: childrenOf(value, 'extraConfig') }).children;
  const [first] = childrenOf(value, 'extraConfig');
  return value.children.flatMap((each) => {
    if (each.name === 'changeVersion') return [versioned(each, count)];
    if (each.name !== 'extraConfig') return [each];
    return each === first ? options : [];
  });
}

/** Of options with the same key the last one counts, and one without a value is none. */
function latestOptions(list: Element): Element {
  const byKey = new Map(list.children.map((each) => [textOf(each, 'key'), each]));
  return withChildren(
    list,
    [...byKey.values()].filter((each) => textOf(each, 'value') !== ''),
  );
}

/** Whether a folder has something of this name. */
async function isTaken(upstream: Upstream, call: Call, searchIndex: Reference, name: string): Promise<boolean> {
  const parameters = [element('entity', call.self.value, { type: call.self.type }), element('name', name)];
  return (await upstream.invoke(call, searchIndex, 'FindChild', parameters).catch(() => [])).length > 0;
}
