import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import { withOperation, type Call, type Reference } from '../soap/call.js';
import { child, textOf, withChildren, type Element } from '../xml/element.js';
import { above, chained, nextFile, unchained, withDevices, type DiskChain } from './disk-chains.js';
import type { Overlay } from './object-values.js';
import { readProperty, succeeded } from './simulator-objects.js';

/** The disks of a machine by their keys: as they are now, or were when a snapshot was taken. */
interface Disks {
  readonly machine: string;
  chains: Map<string, DiskChain>;
}

/**
 * Gives the disks of machines with snapshots the files that hosts give them, which no simulator does: what is written
 * after a snapshot goes into a file that continues the disk's, until the snapshot is deleted. Clients see these files
 * as what backs the disks; the simulator does not know of them.
 */
export function snapshotDisks(upstream: Upstream): { readonly handler: Handler; readonly overlay: Overlay } {
  const now = new Map<string, Disks>();
  const kept = new Map<string, Disks>();

  const keptOf = (machine: string) => [...kept].filter(([, disks]) => disks.machine === machine);
  const chainsOf = (machine: string): readonly DiskChain[] =>
    [now.get(machine), ...keptOf(machine).map(([, disks]) => disks)].flatMap((disks) => [
      ...(disks?.chains.values() ?? []),
    ]);

  /** What snapshots keep of a machine, as it is now. */
  async function present(call: Call, machine: Reference): Promise<Map<string, DiskChain>> {
    const devices = (await readProperty(upstream, call, machine, 'config.hardware.device'))?.children ?? [];
    const known = now.get(machine.value)?.chains;
    return new Map(
      devices.filter(isKept).map((device) => {
        const [key, own] = [textOf(device, 'key') ?? '', textOf(child(device, 'backing'), 'fileName') ?? ''];
        const before = known?.get(key);
        return [key, before?.own === own ? before : { own, files: [] }];
      }),
    );
  }

  const onTop = (machine: string, chains: Map<string, DiskChain>): Map<string, DiskChain> =>
    new Map(
      [...chains].map(([key, chain]) => {
        const file = nextFile(chain, chainsOf(machine));
        return [key, { ...chain, files: [file, ...chain.files] }];
      }),
    );

  async function take(call: Call, machine: Reference, snapshot: string | undefined): Promise<void> {
    if (snapshot === undefined) return;
    const chains = await present(call, machine);
    kept.set(snapshot, { machine: machine.value, chains });
    now.set(machine.value, { machine: machine.value, chains: onTop(machine.value, chains) });
  }

  async function revert(call: Call, machine: Reference, snapshot: string | undefined): Promise<void> {
    const then = kept.get(snapshot ?? '');
    if (!then) return;
    const others = await present(call, machine);
    for (const key of then.chains.keys()) others.delete(key);
    const chains = new Map([...others, ...onTop(machine.value, then.chains)]);
    now.set(machine.value, { machine: machine.value, chains });
  }

  /** What continued a snapshot that is gone becomes one with it, unless several do. */
  function merge({ value: machine }: Reference, tree: Element | undefined): void {
    for (const [id, gone] of keptOf(machine).filter(([one]) => !isIn(tree, one))) {
      for (const chain of gone.chains.values()) {
        const [only, ...more] = above(chain, chainsOf(machine));
        if (only !== undefined && more.length === 0) drop(machine, only);
      }
      kept.delete(id);
    }
  }

  function drop(machine: string, file: string): void {
    for (const disks of [now.get(machine), ...keptOf(machine).map(([, each]) => each)])
      if (disks)
        disks.chains = new Map(
          [...disks.chains].map(([key, { own, files }]) => [key, { own, files: files.filter((one) => one !== file) }]),
        );
  }

  async function after(call: Call, machine: Reference): Promise<void> {
    const tree = await readProperty(upstream, call, machine, 'snapshot');
    const current = textOf(tree, 'currentSnapshot');
    if (call.method.startsWith('Create')) await take(call, machine, current);
    else if (call.method.startsWith('Revert')) await revert(call, machine, current);
    else merge(machine, tree);
  }

  return {
    overlay(object, path, value) {
      const chains = object.type === 'VirtualMachine' ? now.get(object.value)?.chains : undefined;
      if (!chains) return undefined;
      return withDevices(path, value, (device) => {
        const chain = chains.get(textOf(device, 'key') ?? '');
        return chain && isKept(device) ? chained(device, chain) : device;
      });
    },
    async handler(call, next) {
      if (call.method === 'ReconfigVM_Task') return next(withOperation(call, plain(call, chainsOf(call.self.value))));
      if (call.method === 'CopyVirtualDisk_Task') return next(withOperation(call, ofOwn(call, [...now.values()])));
      if (!/^(Create|RevertTo|Remove)\w*Snapshot\w*_Task$/.test(call.method)) return next(call);
      const id = call.self.type === 'VirtualMachine' ? call.self.value : kept.get(call.self.value)?.machine;
      const answer = await next(call);
      if (id !== undefined && (await succeeded(upstream, call, answer)))
        await after(call, { type: 'VirtualMachine', value: id });
      return answer;
    },
  };
}

/** Snapshots leave out disks that are independent of them. */
const isKept = (device: Element): boolean =>
  device.dataType?.name === 'VirtualDisk' && !/^independent/.test(textOf(child(device, 'backing'), 'diskMode') ?? '');

/** A reconfiguration with the devices as the simulator knows them. */
function plain({ operation }: Call, chains: readonly DiskChain[]): Element {
  const into = (parent: Element, name: string, change: (part: Element) => Element): Element =>
    withChildren(
      parent,
      parent.children.map((part) => (part.name === name ? change(part) : part)),
    );
  return into(operation, 'spec', (spec) =>
    into(spec, 'deviceChange', (change) => into(change, 'device', (device) => unchained(device, chains))),
  );
}

/** A copy of all files of a disk, of which the simulator has only the oldest. */
function ofOwn({ operation }: Call, machines: readonly Disks[]): Element {
  const chains = machines.flatMap(({ chains: each }) => [...each.values()]);
  return withChildren(
    operation,
    operation.children.map((part) => {
      const chain = part.name === 'sourceName' && chains.find(({ files }) => files.includes(part.text));
      return chain ? { ...part, text: chain.own } : part;
    }),
  );
}

const isIn = (tree: Element | undefined, id: string): boolean =>
  tree?.children.some((part) => (part.name === 'snapshot' && part.text === id) || isIn(part, id)) ?? false;
