import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import { child, element, replaceChild, textOf } from '../xml/element.js';
import type { Overlay } from './object-values.js';
import { readProperty, succeeded } from './simulator-objects.js';
import { inSnapshotTree } from './snapshot-trees.js';

/** The older simulator says of a snapshot without memory that its machine ran, as if it could go on there. */
export function snapshotStates(upstream: Upstream): { readonly handler: Handler; readonly overlay: Overlay } {
  const withoutMemory = new Set<string>();
  return {
    async handler(call, next) {
      const answer = await next(call);
      const asked = call.method === 'CreateSnapshot_Task' && textOf(call.operation, 'memory') !== 'true';
      if (!asked || !(await succeeded(upstream, call, answer))) return answer;
      const taken = await readProperty(upstream, call, call.self, 'snapshot.currentSnapshot');
      if (taken) withoutMemory.add(taken.text);
      return answer;
    },
    overlay(object, path, value) {
      if (withoutMemory.size === 0 || object.type !== 'VirtualMachine' || !path.startsWith('snapshot'))
        return undefined;
      return inSnapshotTree(value, (node, snapshot) =>
        withoutMemory.has(snapshot) && child(node, 'state')
          ? replaceChild(node, 'state', element('state', 'poweredOff'))
          : node,
      );
    },
  };
}
