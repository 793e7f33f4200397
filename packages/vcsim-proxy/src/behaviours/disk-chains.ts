import { child, childrenOf, replaceChild, textOf, withChildren, type Element } from '../xml/element.js';

/** The files that continue a disk's own since snapshots were taken, the newest first. */
export interface DiskChain {
  readonly own: string;
  readonly files: readonly string[];
}

/** The next file name that is in none of these: `web-000001.vmdk`. */
export function nextFile({ own }: DiskChain, others: readonly DiskChain[]): string {
  const used = new Set(others.flatMap(({ files }) => files));
  for (let number = 1; ; number += 1) {
    const file = `${own.replace(/\.vmdk$/, '')}-${String(number).padStart(6, '0')}.vmdk`;
    if (!used.has(file)) return file;
  }
}

/** The files that are right on top of the newest one of `lower`, in any of these. */
export function above(lower: DiskChain, all: readonly DiskChain[]): ReadonlySet<string> {
  const top = lower.files[0] ?? lower.own;
  return new Set(
    all.flatMap(({ own, files }) => {
      const at = [...files, own].indexOf(top);
      return own === lower.own && at > 0 ? (files[at - 1] ?? []) : [];
    }),
  );
}

/** A machine's disk as it is with these files: the newest in front, and the others as what it continues. */
export function chained(device: Element, { own, files }: DiskChain): Element {
  const backing = child(device, 'backing');
  const name = child(backing, 'fileName');
  if (!backing || name?.text !== own) return device;
  const whole = files.reduceRight<Element>((lower, file) => {
    const upper = replaceChild(backing, 'fileName', { ...name, text: file });
    return replaceChild(upper, 'parent', { ...lower, name: 'parent' });
  }, backing);
  return replaceChild(device, 'backing', whole);
}

/** A device as the simulator knows it: with the disk's own file, where it has one of these. */
export function unchained(device: Element, chains: readonly DiskChain[]): Element {
  const backing = child(device, 'backing');
  const file = textOf(backing, 'fileName') ?? '';
  const own = chains.find(({ files }) => files.includes(file))?.own;
  const name = child(backing, 'fileName');
  if (!backing || !name || own === undefined) return device;
  const plain = replaceChild(replaceChild(backing, 'fileName', { ...name, text: own }), 'parent', undefined);
  return replaceChild(device, 'backing', plain);
}

/** A value of a machine's configuration with its devices changed; undefined for a path without devices. */
export function withDevices(path: string, value: Element, change: (device: Element) => Element): Element | undefined {
  if (path === 'config.hardware.device') return withChildren(value, value.children.map(change));
  if (path === 'config.hardware')
    return withChildren(
      value,
      value.children.map((part) => (part.name === 'device' ? change(part) : part)),
    );
  const [hardware] = childrenOf(value, 'hardware');
  if (path !== 'config' || !hardware) return undefined;
  return replaceChild(value, 'hardware', withDevices('config.hardware', hardware, change));
}
