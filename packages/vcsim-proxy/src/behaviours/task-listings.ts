import type { Call } from '../soap/call.js';
import { childrenOf, element, textOf, withChildren, type Element } from '../xml/element.js';
import { objectOf } from './object-values.js';
import { taskChanges } from './task-info.js';
import type { Tasks } from './tasks.js';

/**
 * A listed task of ours with exactly the properties that it has: the simulator's own one behind it lacks an error, and
 * has a result too early.
 */
export function restated(tasks: Tasks, call: Call, content: Element): Element {
  const object = objectOf(content);
  const info = object.type === 'Task' ? tasks.info(object) : undefined;
  if (!info) return content;
  const others = content.children.filter(
    (each) => each.name !== 'propSet' || !/^info(\.|$)/.test(textOf(each, 'name') ?? ''),
  );
  const own = taskChanges(info, askedPaths(call)).map(({ children }) =>
    element(
      'propSet',
      children.filter(({ name }) => name !== 'op'),
    ),
  );
  const [named, ...rest] = others;
  return withChildren(content, [...(named ? [named] : []), ...own, ...rest]);
}

/** The paths below `info` that a listing asks of tasks. */
function askedPaths(call: Call): readonly string[] {
  const sets = childrenOf(call.operation, 'specSet').flatMap((spec) => childrenOf(spec, 'propSet'));
  const paths = sets
    .filter((each) => textOf(each, 'type') === 'Task')
    .flatMap((each) =>
      textOf(each, 'all') === 'true' ? ['info'] : childrenOf(each, 'pathSet').map(({ text }) => text),
    );
  return [...new Set(paths)].filter((path) => /^info(\.|$)/.test(path));
}
