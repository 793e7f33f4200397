import { datacenters, readProperty, readReferences } from '../behaviours/simulator-objects.js';
import type { Call, Reference } from '../soap/call.js';
import { managerOf, Refusal, type ShimTools } from './shim.js';

/** The host that a part of it belongs to, such as its `storageSystem`. */
export type HostOf = (call: Call) => Promise<Reference>;

/** Finds the host whose `configManager` names the object that is called; each is looked up once. */
export function hostsBySystem(tools: ShimTools, system: 'datastoreSystem' | 'storageSystem'): HostOf {
  const known = new Map<string, Reference>();
  const learn = async (call: Call): Promise<void> => {
    for (const host of await allHosts(tools, call)) {
      const part = await readProperty(tools.upstream, call, host, `configManager.${system}`);
      if (part) known.set(part.text, host);
    }
  };
  return async (call) => {
    if (!known.has(call.self.value)) await learn(call);
    const host = known.get(call.self.value);
    if (host) return host;
    throw new Refusal({ type: 'ManagedObjectNotFound', message: 'No host has this part.' });
  };
}

async function allHosts(tools: ShimTools, call: Call): Promise<readonly Reference[]> {
  const { upstream } = tools;
  const found: Reference[] = [];
  const below = async (object: Reference): Promise<void> => {
    if (object.type === 'Folder')
      for (const each of await readReferences(upstream, call, object, 'childEntity')) await below(each);
    else found.push(...(await readReferences(upstream, call, object, 'host')));
  };
  for (const datacenter of await datacenters(upstream, call, managerOf(tools, 'rootFolder'))) {
    const folder = await readProperty(upstream, call, datacenter, 'hostFolder');
    if (folder) await below({ type: 'Folder', value: folder.text });
  }
  return found;
}
