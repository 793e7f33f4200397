import { readProperty } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import { resultAnswer } from '../soap/answer.js';
import { child, childrenOf, element, textOf } from '../xml/element.js';
import { plainShim, type Shims, type ShimTools } from './shim.js';

const namespace = 'urn:pbm';

/** The storage policies of machines' disks, which the simulators are given and forget. */
export function diskPolicies({ upstream }: ShimTools): { readonly handler: Handler; readonly shims: Shims } {
  /** By the file of the disk. */
  const policies = new Map<string, string>();
  return {
    handler(call, next) {
      for (const spec of [child(call.operation, 'config'), child(call.operation, 'spec')])
        for (const change of childrenOf(spec, 'deviceChange')) {
          const file = textOf(child(child(change, 'device'), 'backing'), 'fileName');
          const policy = textOf(child(change, 'profile'), 'profileId');
          if (file === undefined || !/^(add|edit)$/.test(textOf(change, 'operation') ?? '')) continue;
          if (policy !== undefined) policies.set(file, policy);
          else if (textOf(change, 'operation') === 'add') policies.delete(file);
        }
      return next(call);
    },
    shims: {
      PbmQueryAssociatedProfile: plainShim(async (call) => {
        const [machine = '', key] = (textOf(child(call.operation, 'entity'), 'key') ?? '').split(':');
        const object = { type: 'VirtualMachine', value: machine };
        const devices = await readProperty(upstream, call, object, 'config.hardware.device');
        const device = devices?.children.find((each) => textOf(each, 'key') === key);
        const policy = policies.get(textOf(child(device, 'backing'), 'fileName') ?? '');
        const id = (text: string) => element('returnval', [element('uniqueId', text, { namespace })], { namespace });
        return resultAnswer(call.method, policy === undefined ? [] : [id(policy)], namespace);
      }),
    },
  };
}
