import type { Overlay } from '../behaviours/object-values.js';
import { readProperty } from '../behaviours/simulator-objects.js';
import { resultAnswer } from '../soap/answer.js';
import { child, element, replaceChild, textOf, withChildren, type Element } from '../xml/element.js';
import { plainShim, type Shims, type ShimTools } from './shim.js';

/** Other names for snapshots, kept here: clients read them in the trees of their machines. */
export function snapshotShims({ upstream }: ShimTools): { readonly shims: Shims; readonly overlay: Overlay } {
  const renamed = new Map<string, { readonly name: string | undefined; readonly description: string | undefined }>();

  function inTree(tree: Element): Element {
    const own = renamed.get(textOf(tree, 'snapshot') ?? '');
    let changed = withChildren(
      tree,
      tree.children.map((each) => (/^(root|child)SnapshotList$/.test(each.name) ? inTree(each) : each)),
    );
    for (const key of ['name', 'description'] as const) {
      const text = own?.[key];
      if (text !== undefined && child(tree, key)) changed = replaceChild(changed, key, element(key, text));
    }
    return changed;
  }

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
      renamed.size > 0 && object.type === 'VirtualMachine' && path.startsWith('snapshot') ? inTree(value) : undefined,
  };
}
