import { datacenters, readReferences } from '../behaviours/simulator-objects.js';
import { resultAnswer } from '../soap/answer.js';
import { element } from '../xml/element.js';
import { managerOf, plainShim, type Shims, type ShimTools } from './shim.js';

const namespace = 'urn:pbm';

/** Storage policies that every datastore satisfies. */
export function policyShims(tools: ShimTools): Shims {
  return {
    PbmQueryMatchingHub: plainShim(async (call) => {
      const found = [];
      for (const each of await datacenters(tools.upstream, call, managerOf(tools, 'rootFolder'))) {
        found.push(...(await readReferences(tools.upstream, call, each, 'datastore')));
      }
      const hub = (type: string, id: string) =>
        element('returnval', [element('hubType', type, { namespace }), element('hubId', id, { namespace })], {
          namespace,
        });
      const asked = call.operation.children.filter(({ name }) => name === 'hubsToSearch');
      const hubs =
        asked.length > 0
          ? asked.map((each) => ({ ...each, name: 'returnval' }))
          : found.map(({ type, value }) => hub(type, value));
      return resultAnswer(call.method, hubs, namespace);
    }),
  };
}
