import type { Overlay } from '../behaviours/object-values.js';
import { readProperty } from '../behaviours/simulator-objects.js';
import { inSnapshotTree } from '../behaviours/snapshot-trees.js';
import { resultAnswer } from '../soap/answer.js';
import { child, element, replaceChild, textOf, type Element } from '../xml/element.js';
import { plainShim, type Shims, type ShimTools } from './shim.js';

/** Other names for snapshots, kept here: clients read them in the trees of their machines. */
export function snapshotShims({ upstream }: ShimTools): { readonly shims: Shims; readonly overlay: Overlay } {
  const renamed = new Map<string, { readonly name: string | undefined; readonly description: string | undefined }>();

  const withNames = (node: Element, snapshot: string): Element => {
    const own = renamed.get(snapshot);
    return (['name', 'description'] as const).reduce((changed, key) => {
      const text = own?.[key];
      return text !== undefined && child(node, key) ? replaceChild(changed, key, element(key, text)) : changed;
    }, node);
  };

  return {
    shims: {
      RenameSnapshot: plainShim(async (call) => {
        await readProperty(upstream, call, call.self, 'config');
        const before = renamed.get(call.self.value);
        renamed.set(call.self.value, {
          name: textOf(call.operation, 'name') ?? before?.name,
          description: textOf(call.operation, 'description') ?? before?.description,
        });
        return resultAnswer(call.method);
      }),
    },
    overlay: (object, path, value) =>
      renamed.size > 0 && object.type === 'VirtualMachine' && path.startsWith('snapshot')
        ? inSnapshotTree(value, withNames)
        : undefined,
  };
}
