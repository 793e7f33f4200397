import { mkdtempSync, rmSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listedObjects, objectOf, withListedObjects, type Overlay } from '../behaviours/object-values.js';
import { readProperty, readReferences } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import { contentOf, resultAnswer, withContent } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, replaceChild, withChildren, type Element } from '../xml/element.js';
import { hostsBySystem } from './host-systems.js';
import { plainShim, Refusal, referenceIn, requiredText, type Shims, type ShimTools } from './shim.js';

/** A server's export that hosts can mount: what is in it is a directory of this computer. */
export interface NfsExport {
  readonly server: string;
  readonly path: string;
  readonly directory: string;
}

/** Datastores on NFS. The simulators take a name for a path of their own computer, and never unmount from one host alone. */
export function exportShims(tools: ShimTools): {
  /** Instead of the simulator's own. */
  readonly mounting: Shims;
  readonly missing: Shims;
  readonly overlay: Overlay;
  /** Outermost: what is gone is in no listing. */
  readonly handler: Handler;
  close(): void;
} {
  const { upstream, settings } = tools;
  const hostOf = hostsBySystem(tools, 'datastoreSystem');
  /** Hosts that have a datastore of ours, by the datastore: the simulators do not all know. */
  const mounts = new Map<string, Map<string, Reference>>();
  const isAway = (host: Reference, store: Reference): boolean => mounts.get(store.value)?.has(host.value) === false;
  /** Datastores that no host has any more. */
  const isGone = (store: string): boolean => mounts.get(store)?.size === 0;
  let directory: string | undefined;
  const linked = new Set<string>();

  /** A path of the export's directory whose last part is the datastore's name. */
  async function pathFor(name: string, target: string): Promise<string> {
    directory ??= mkdtempSync(join(tmpdir(), 'vcsim-exports-'));
    const path = join(directory, name);
    if (!linked.has(name)) {
      linked.add(name);
      await symlink(target, path);
    }
    return path;
  }

  async function mount(call: Call): Promise<readonly Element[]> {
    const spec = child(call.operation, 'spec') ?? element('spec');
    const name = requiredText(spec, 'localPath');
    if (name.includes('/')) throw new Refusal({ type: 'InvalidName', message: 'A datastore has a name, not a path.' });
    const [server, path] = [requiredText(spec, 'remoteHost'), requiredText(spec, 'remotePath')];
    const found = settings.exports.find((each) => each.server === server && each.path === path);
    if (!found) throw new Refusal({ type: 'HostConfigFault', message: 'The export cannot be mounted.' });
    const host = await hostOf(call);
    const before = await namedOn(call, host, name);
    if (before && !isAway(host, before))
      throw new Refusal({
        type: 'DuplicateName',
        message: 'The host has such a datastore.',
        fields: [element('name', name), element('object', before.value, { type: before.type })],
      });
    const local = replaceChild(spec, 'localPath', element('localPath', await pathFor(name, found.directory)));
    if (!before) await upstream.invoke(call, call.self, 'CreateNasDatastore', [local]);
    // QUIRK(vcsim): the answer names nothing where another host has the datastore already.
    const store = before ?? (await namedOn(call, host, name));
    if (!store) throw new Error(`The simulator made no datastore ${name}.`);
    mounts.set(store.value, (mounts.get(store.value) ?? new Map<string, Reference>()).set(host.value, host));
    return [element('returnval', store.value, { type: store.type })];
  }

  /** A host's datastore of this name, whether it is hidden or not. */
  async function namedOn(call: Call, host: Reference, name: string): Promise<Reference | undefined> {
    for (const store of await readReferences(upstream, call, host, 'datastore')) {
      const known = await readProperty(upstream, call, store, 'name').catch(() => undefined);
      if (known?.text === name) return store;
    }
    return undefined;
  }

  /** From one host; the datastore is gone when no host has it any more. */
  async function unmount(call: Call): Promise<void> {
    const host = await hostOf(call);
    const store = referenceIn(call.operation, 'datastore');
    const hosts = mounts.get(store?.value ?? '');
    if (!store || !hosts?.has(host.value))
      throw new Refusal({ type: 'NotFound', message: 'The host has no such datastore.' });
    for (const machine of await readReferences(upstream, call, store, 'vm')) {
      const at = await readProperty(upstream, call, machine, 'runtime.host').catch(() => undefined);
      if (at?.text === host.value) throw new Refusal({ type: 'ResourceInUse', message: 'Machines use the datastore.' });
    }
    // Hidden rather than destroyed: a simulator breaks off when a machine once used what it has not any more.
    hosts.delete(host.value);
  }

  return {
    mounting: { CreateNasDatastore: plainShim(async (call) => resultAnswer(call.method, await mount(call))) },
    missing: {
      RemoveDatastore: plainShim(async (call) => {
        await unmount(call);
        return resultAnswer(call.method);
      }),
    },
    overlay(object, path, value) {
      if (mounts.size === 0) return undefined;
      if (object.type === 'HostSystem' && path === 'datastore')
        return withReferences(value, (each) => !isAway(object, each));
      const hosts = object.type === 'Datastore' && path === 'host' ? mounts.get(object.value) : undefined;
      if (hosts) return withChildren(value, [...hosts.values()].map(mountOn));
      return withReferences(value, ({ type, value: id }) => type !== 'Datastore' || !isGone(id));
    },
    async handler(call, next) {
      const answer = await next(call);
      const content = mounts.size > 0 && /RetrieveProperties/.test(call.method) ? contentOf(answer) : undefined;
      if (!content || answer.status !== 200) return answer;
      const there = listedObjects(content).filter((each) => !isGone(objectOf(each).value));
      return withContent(answer, withListedObjects(content, there, child(child(content, 'returnval'), 'token')));
    },
    close() {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A list of references without some of them; other values stay as they are. */
const withReferences = (list: Element, isThere: (each: Reference) => boolean): Element =>
  withChildren(
    list,
    list.children.filter(({ type, text }) => type === undefined || isThere({ type, value: text })),
  );

const mountOn = ({ type, value }: Reference): Element =>
  element('DatastoreHostMount', [
    element('key', value, { type }),
    element('mountInfo', [element('accessMode', 'readWrite'), element('mounted', true), element('accessible', true)]),
  ]);
