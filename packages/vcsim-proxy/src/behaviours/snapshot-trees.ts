import { textOf, withChildren, type Element } from '../xml/element.js';

/** A machine's snapshots, or some of them with what is below, each changed by its identifier. */
export function inSnapshotTree(tree: Element, change: (node: Element, snapshot: string) => Element): Element {
  const below = tree.children.map((each) => (isNode(each) ? inSnapshotTree(each, change) : each));
  return change(withChildren(tree, below), textOf(tree, 'snapshot') ?? '');
}

const isNode = ({ name }: Element): boolean => /^((root|child)SnapshotList|VirtualMachineSnapshotTree)$/.test(name);
