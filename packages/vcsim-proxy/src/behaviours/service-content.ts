import type { Upstream } from '../chain/upstream.js';
import type { Reference } from '../soap/call.js';
import { callOf, envelopeOf } from '../soap/call.js';
import { element } from '../xml/element.js';

/** The managers of the simulator, by the names that ServiceContent has for them. */
export type ServiceContent = ReadonlyMap<string, Reference>;

/** Asks the simulator for its managers, which needs no login. */
export async function serviceContent(upstream: Upstream): Promise<ServiceContent> {
  const self = { type: 'ServiceInstance', value: 'ServiceInstance' };
  const operation = element('RetrieveServiceContent', [element('_this', self.value, { type: self.type })]);
  const call = callOf(envelopeOf(operation), { number: 0, path: '/sdk', headers: {} });
  const [content] = await upstream.invoke(call, self, 'RetrieveServiceContent');
  const managers = content?.children.filter(({ type }) => type !== undefined) ?? [];
  return new Map(managers.map(({ name, type = '', text }) => [name, { type, value: text }]));
}

/** A manager that the simulator must have. */
export function manager(content: ServiceContent, name: string): Reference {
  const found = content.get(name);
  if (!found) throw new Error(`The simulator has no ${name}.`);
  return found;
}
